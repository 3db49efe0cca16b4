// Package wycheproof runs the vectors of Project Wycheproof against the primitives under crypto. It is a module of its own,
// because the vectors are a hundred megabytes that no user of the library should have to fetch.
package wycheproof
