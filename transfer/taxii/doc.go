// Package taxii carries envelopes and minimised STIX objects over TAXII 2.1 (OASIS Standard, 2021-06-10).
//
// [Client] pushes objects to a collection and pulls them from one. [NewTransport] makes it a [transfer.Transport]: each
// envelope travels inside a STIX Artifact (STIX 2.1, section 6.1), so that any TAXII server stores and forwards it.
// [Client.Inbox] is the recipient's side. Objects that the agreement allows to travel in the clear, minimised but not
// sealed, are pushed with [Client.Push]; [transfer.Sender.SendClear] decides, minimises and records them.
//
// Servers differ. The client sends what all of them take: one spelling of the media type, a slash at the end of every
// URL, a Content-Length, no compression, the limit and the filters again with every "next", milliseconds in times. What it
// reads it reads leniently and within limits. It follows no redirect. Nothing that a server says enters the text of an
// error, because servers echo what they were sent; ids of refused objects do, and the HTTP status. docs/taxii.md has the
// whole table.
package taxii
