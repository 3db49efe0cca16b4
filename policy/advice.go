package policy

import "github.com/passavant/passavant/policy/internal/opa"

// advice is what a finding teaches.
type advice struct{ why, mend string }

func adviceOn(check string) advice {
	return map[string]advice{
		opa.CheckNegation: {
			"if a part of the expression is unknown, the whole line is neither true nor false, and the rule stays silent: a prohibition that is silent lets the data go",
			"give the condition a name in a rule of its own (allowed if …) and write: not allowed",
		},
		opa.CheckProof: {
			"a prohibition that fires when something is shown to be wrong stays silent when the fact is absent",
			"turn it round: name what must be shown (shown_to_be_lawful if …) and refuse if not shown_to_be_lawful",
		},
		opa.CheckMetadata: {
			"what a rule says to a person, in a refusal, the log and the rule book, is its METADATA",
			"put a comment block that begins with # METADATA above the rule, with title, description and custom: id, instrument, article, and for a refusal code and failure_msg",
		},
		opa.CheckDuplicate: {
			"reasons, translations and cases find a rule by its id; two rules with one id cannot be told apart",
			"give one of the two another custom.id",
		},
		opa.CheckDefault: {
			"a yes by default answers every question that no rule was written for",
			"write default … := false and state when it is true",
		},
		opa.CheckClock: {
			"a decision must come out the same when an auditor repeats it years later, so rules have no clock, network or chance",
			"use facts.at for the time of the transfer, and facts for everything else that comes from outside",
		},
		opa.CheckPrint: {
			"printing from a rule would put facts where nobody guards them",
			"remove the line; 'passavant explain' shows which rules spoke",
		},
		opa.CheckInput: {
			"each fact has one home, and only package passavant.facts knows it; a rule that reads the input could take a claim for evidence",
			"import data.passavant.facts and name the fact, such as facts.purpose",
		},
		opa.CheckPermits: {
			"the parties cannot agree on what the law does not allow",
			"use prohibits, duties or floors in the rules of an agreement",
		},
		opa.CheckObligation: {
			"every obligation that can be required must be known when the policy is loaded, so that one that nobody meets refuses there and not later",
			"write the code out as a text: obligations.of(\"delete_after\", …)",
		},
		opa.CheckReference: {
			"a misspelt name is not an error to Rego; it is merely undefined, and the rule would be silent for ever",
			"correct the spelling; docs/facts.md lists the facts",
		},
		opa.CheckCompile: {
			"what does not compile cannot decide",
			"correct the line; the message is that of the Rego compiler",
		},
		CheckLoad: {
			"a tree with one fault loads nothing, so that nobody decides by half of it",
			"correct the place that is named; rego/README.md lists the keys of an agreement",
		},
		CheckObligation: {
			"an obligation that nobody can meet would be a promise without effect",
			"use a code that this program can discharge (docs/facts.md), or tell Options.KnownObligations of your handler",
		},
		CheckAbsentFact: {
			"what is not known is not met: only a case without the fact shows that the rule then refuses",
			"add a case to cases.yaml that starts from another (from: …), sets one fact that the rule reads to null, and expects the rule's code under missing",
		},
		CheckClause: {
			"a clause that no case tries may bind on paper only: nobody has seen the rule refuse or the obligation travel",
			"add a case to cases.yaml in which the clause's rule refuses, or which expects its obligation",
		},
		CheckSilent: {
			"whoever leaves the fact out gets past the rule: nothing is shown, and nothing is refused",
			"let the rule refuse unless something is shown: refuse if not shown, and let shown need the fact itself (facts.x == …), not its absence (not facts.x) and not an empty count over it",
		},
		CheckNoClause: {
			"the reason for a refusal would cite a clause that the agreement does not have",
			"correct the clause in the METADATA of the rule, or list the clause in agreement.yaml",
		},
	}[check]
}
