// Package transfer is the enforcement point: it lets personal data cross a border only when an agreement and the law
// allow it, in the least identifying form that serves the purpose, sealed to its recipient, and after a record that
// nobody can alter has been made durable.
//
// Most programs need two calls. An exporter builds a [Sender] and calls [Sender.Send]; a recipient builds a
// [Receiver] and calls [Receiver.Receive]. Send takes eight steps, always in this order:
//
//  1. facts: the agreement's standing facts, what the [Request] claims, what this package verified;
//  2. decide: [policy.Engine.Decide]; a refusal is recorded and returned as [*DeniedError];
//  3. minimise: drop, generalise and pseudonymise by a plan compiled from the decision and the payload's catalogue;
//  4. gate: the result is searched for what should have gone;
//  5. seal: the [Header] is bound to the ciphertext and signed;
//  6. record: the intent is durable, and provably in the log, before
//  7. deliver: the [Transport] receives the [Envelope]; it never sees plaintext;
//  8. outcome: delivered or failed, naming the intent; durable with the log's next commit group.
//
// A step that fails ends the transfer, and nothing of the payload leaves. The order is the promise: a crash may leave
// an intent without an outcome ([audit.Log.InDoubt] lists it), never a delivery without an intent.
//
// No error, record or header of this package holds a value of the payload. Errors name the step, the JSON Pointer
// pattern or the code of a condition.
//
// The envelope's format is described in docs/envelope-format.md, the order of the steps and what a crash leaves at
// each of them in docs/architecture.md.
package transfer
