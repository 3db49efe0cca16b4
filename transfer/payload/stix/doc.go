// Package stix decides what may leave of a STIX 2.1 bundle: bundle in, valid bundle out, and nothing that leaks.
//
// [Compile] joins a catalogue of format stix with the treatments of a decision; [Plan.Protect] takes one bundle.
// [Standard] is the catalogue of the whole standard, and [ReadMarkings] reads the markings on which a decision depends.
//
// Personal data of a bundle stand in values, and also in ids (UUIDv5 over a public namespace is a dictionary), patterns, keys,
// selectors, paths, URLs and translations. So everything that the catalogue does not name is dropped; ids are made anew;
// patterns are parsed and mapped with the same pseudonyms as the observables, so that they still match; references to what
// does not leave go, and what required them goes too; and the result is read a second time and searched for the originals in every
// written form before it is handed out.
//
// docs/stix.md specifies all of it for a second implementation. There is no dependency on a STIX library: none keeps every property.
package stix
