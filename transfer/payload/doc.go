// Package payload decides what may travel: it takes one JSON document, applies a field plan to it in one strict pass
// over the bytes, and checks the result before it lets it go.
//
// A [Catalogue] names the fields of one payload type and gives each a data category and a role. A decision gives each
// category a [Treatment]. [Compile] joins both into a [Plan], once; the plan is then used for every document, from any
// number of goroutines. [Plan.Protect] is the call for most people: it transforms and then gates.
//
// # What leaves
//
// Only what the catalogue names and a treatment lets through (data minimisation, GDPR Art. 5(1)(c) and 25(2)). A
// category without a treatment is dropped; a member that the catalogue does not name is dropped and counted. Order,
// nesting, the text of numbers and the escapes of kept strings stay as they were; white space between tokens does not,
// and names are written in the catalogue's spelling.
//
//   - null carries no value: it stays null under every technique but drop. So does a string without characters.
//   - an object or array stays when some field beneath it has a technique other than drop, even if it ends up empty;
//     otherwise it goes as a whole. Its presence is thus a property of the plan, never of the values.
//   - pseudonyms are computed over the unescaped value of a string, over the canonical text of a number ([Plan.Apply]).
//
// # What is refused
//
// Anything that two readers could read differently (RFC 7493): names that occur twice in one object, also when one is
// written with escapes and also where nothing is catalogued; invalid UTF-8; lone surrogates; control characters;
// numbers outside the grammar of RFC 8259; bytes after the document; a byte order mark; more depth or more bytes than
// the catalogue allows. A value of another kind than the catalogue says is refused as well.
//
// No error, report or digest of this package holds a value of the document, or a name that is not in the catalogue:
// such a name is printed as "?", since it may itself be personal data.
package payload
