package policy_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The oracle is a second reading of GDPR Articles 45, 46 and 49 in plain Go, written from the text and not from the Rego. It
// shares the reference data, which are facts, and nothing else.
type oracle struct {
	decisions map[string][]adequacyRecord
}

type adequacyRecord struct {
	Ref       string `json:"ref"`
	Status    string `json:"status"`
	From      string `json:"valid_from"`
	Until     string `json:"valid_until"`
	Exporters string `json:"applies_to_exporters"`
	Scope     struct {
		All  []string `json:"all_of"`
		None []string `json:"none_of"`
	} `json:"scope_rule"`
}

func newOracle(t testing.TB) *oracle {
	t.Helper()
	raw, err := os.ReadFile("../rego/reference/adequacy.json")
	require.NoError(t, err)
	var pack struct {
		Records map[string]map[string][]adequacyRecord `json:"records"`
	}
	require.NoError(t, json.Unmarshal(raw, &pack))
	return &oracle{decisions: pack.Records["EU_GDPR"]}
}

// dossier reads a flat document of facts; what is not there is the zero value or not ok.
type dossier map[string]any

func (d dossier) at(path ...string) any {
	var value any = map[string]any(d)
	for _, key := range path {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = m[key]
	}
	return value
}

func (d dossier) text(path ...string) string {
	s, _ := d.at(path...).(string)
	return s
}

func (d dossier) is(want bool, path ...string) bool {
	b, ok := d.at(path...).(bool)
	return ok && b == want
}

func (d dossier) has(member string, path ...string) bool {
	list, _ := d.at(path...).([]any)
	return slices.Contains(list, any(member))
}

// ground is the decisive citation of Chapter V, or "" if there is none. Step one is taken to be in order.
func (o *oracle) ground(d dossier) string {
	switch {
	case slices.Contains(eea(), d.text("recipient", "country")):
		return d.text("lawful_basis")
	case o.adequate(d):
		return "GDPR:45"
	}
	if tool := safeguard(d); tool != "" {
		return tool
	}
	return exceptional(d)
}

func eea() []string {
	return []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
		"LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
}

// Article 45: a decision in force on the day, for this exporter, with this recipient in its scope.
func (o *oracle) adequate(d dossier) bool {
	day := d.text("at")
	var excluded []string
	records := o.decisions[d.text("recipient", "country")]
	for _, r := range records {
		if r.Status == "exclusion_historical" && inPeriod(r, day) {
			excluded = append(excluded, r.Scope.None...)
		}
	}
	return slices.ContainsFunc(records, func(r adequacyRecord) bool {
		if r.Status != "in_force" || !inPeriod(r, day) || r.Exporters == "EU27" && slices.Contains([]string{"IS", "LI", "NO"}, d.text("exporter", "country")) {
			return false
		}
		for _, word := range r.Scope.All {
			if !holds(d, word) {
				return false
			}
		}
		for _, word := range append(excluded, r.Scope.None...) {
			if !ruledOut(d, word) {
				return false
			}
		}
		return true
	})
}

func inPeriod(r adequacyRecord, day string) bool {
	return day >= r.From && (r.Until == "" || day <= r.Until)
}

func private(d dossier) bool {
	return slices.Contains([]string{"bank", "csp", "private", "telecom"}, d.text("recipient", "type")) &&
		!d.is(true, "recipient", "public_body") && !d.is(true, "recipient", "competent_authority")
}

func public(d dossier) bool {
	return slices.Contains([]string{"court", "eu_agency", "fiu", "police", "prosecutor", "public_authority"}, d.text("recipient", "type")) ||
		d.is(true, "recipient", "public_body") || d.is(true, "recipient", "competent_authority")
}

func holds(d dossier, word string) bool {
	switch word {
	case "recipient_subject_to_pipeda":
		return d.has("PIPEDA", "recipient", "subject_to")
	case "recipient_is_appi_business_operator":
		return d.has("APPI", "recipient", "subject_to") && private(d)
	case "recipient_subject_to_pipa":
		return d.has("PIPA", "recipient", "subject_to")
	case "recipient_processing_subject_to_lgpd":
		return d.has("LGPD", "recipient", "subject_to")
	case "automated_processing_at_some_point":
		return true
	case "dpf_list_active_eu", "dpf_covers_data_type":
		return certified(d)
	}
	return false
}

// certified: on the list on the day, of a kind that can be, for data that are not about the exporter's own people.
func certified(d dossier) bool {
	if !slices.Contains([]string{"csp", "private"}, d.text("recipient", "type")) || !private(d) {
		return false
	}
	kind := "non_hr"
	if d.is(true, "data", "hr_data") || d.has("employee", "data", "subjects") {
		kind = "hr"
	}
	list, _ := d.at("recipient", "certifications").([]any)
	return slices.ContainsFunc(list, func(item any) bool {
		c := dossier(item.(map[string]any))
		withdrawn := c.text("withdrawn_on")
		return c.text("scheme") == "dpf_eu" && c.is(true, "active") && c.has(kind, "covers") && (withdrawn == "" || d.text("at") < withdrawn)
	})
}

func ruledOut(d dossier, word string) bool {
	activity := func(name string) bool {
		stated := d.text("recipient", "processing_purpose")
		known := slices.Contains([]string{"bank", "csp", "telecom"}, d.text("recipient", "type"))
		return stated != "" && stated != name || stated == "" && known
	}
	switch word {
	case "recipient_is_public_authority":
		return private(d)
	case "recipient_in_occupied_territory":
		return d.is(false, "recipient", "location_in_occupied_territory")
	case "personal_credit_information_to_fsc_supervised_controller":
		by := d.text("recipient", "supervised_by")
		return d.is(false, "data", "personal_credit_information") || by != "" && by != "FSC"
	case "purpose_uk_immigration_control":
		return d.text("purpose") != "" && d.text("purpose") != "uk_immigration_control"
	case "recipient_purpose_public_security_or_criminal_investigation":
		return activity("public_security_or_criminal_investigation")
	case "recipient_purpose_national_defence":
		return activity("national_defence")
	case "activity_press_broadcasting":
		return activity("press_broadcasting")
	case "activity_academic_research_excepted":
		return activity("academic_research")
	case "activity_religious":
		return activity("religious")
	case "activity_political":
		return activity("political")
	case "activity_religious_missionary":
		return activity("religious") || public(d)
	case "activity_political_nomination":
		return activity("political") || public(d)
	}
	return false
}

// Article 46: a tool with everything that it needs, enforceable rights, and an assessment that ends well.
func safeguard(d dossier) string {
	yes := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return !d.is(true, "safeguard", name) })
	}
	if !yes("enforceable_rights") {
		return ""
	}
	module, _ := d.at("safeguard", "module").(int)
	assessed := assessmentEndsWell(d)
	complete := map[string]bool{
		"scc_2021_914": yes("annexes_complete") && !yes("importer_subject_to_gdpr_3_2") && moduleFits(d, module) &&
			(assessed || module == 4 && d.is(false, "data", "combined_with_eu_data")),
		"binding_instrument":         assessed && yes("binding_and_enforceable") && bothPublic(d),
		"bcr":                        assessed && yes("approved", "member_listed"),
		"sa_scc":                     assessed && yes("approved", "annexes_complete"),
		"code_of_conduct":            assessed && yes("approved", "binding_and_enforceable"),
		"certification":              assessed && yes("approved", "binding_and_enforceable"),
		"ad_hoc_clauses":             assessed && yes("sa_authorised"),
		"administrative_arrangement": assessed && yes("sa_authorised") && bothPublic(d),
	}
	point := map[string]string{"scc_2021_914": "2)(c", "binding_instrument": "2)(a", "bcr": "2)(b", "sa_scc": "2)(d", "code_of_conduct": "2)(e",
		"certification": "2)(f", "ad_hoc_clauses": "3)(a", "administrative_arrangement": "3)(b"}
	tool := d.text("safeguard", "type")
	if tool == "administrative_arrangement" && yes("binding_and_enforceable") {
		tool = "binding_instrument" // what binds needs no authorisation, whatever it is called
	}
	if complete[tool] {
		return "GDPR:46(" + point[tool] + ")"
	}
	return ""
}

func moduleFits(d dossier, module int) bool {
	roles := d.text("exporter", "role") + " " + d.text("recipient", "role")
	return roles == map[int]string{1: "controller controller", 2: "controller processor", 3: "processor processor", 4: "processor controller"}[module]
}

func exporterPublic(d dossier) bool {
	return slices.Contains(authorities(), d.text("exporter", "type")) || d.is(true, "exporter", "public_powers")
}

func bothPublic(d dossier) bool {
	recipient := slices.Contains(authorities(), d.text("recipient", "type")) || d.is(true, "recipient", "public_body") || d.is(true, "recipient", "competent_authority")
	return exporterPublic(d) && recipient
}

func authorities() []string {
	return []string{"court", "eu_agency", "fiu", "police", "prosecutor", "public_authority"}
}

// C-311/18 and Recommendations 01/2020.
func assessmentEndsWell(d dossier) bool {
	if !d.is(true, "tia", "done") || !d.is(true, "tia", "documented") || d.text("tia", "conclusion") != "essentially_equivalent" {
		return false
	}
	if d.is(false, "tia", "problematic_law") || d.is(false, "tia", "applied_in_practice") {
		return true
	}
	here := []string{"exporter_eea", "exporter_adequate_country", "trusted_entity_eea", "trusted_entity_adequate_country"}
	remote := d.is(true, "recipient", "remote_access")
	encrypted := d.is(true, "data", "encrypted", "strong") && slices.Contains(here, d.text("data", "encrypted", "keys_holder")) &&
		d.is(false, "recipient", "needs_clear_text") && !remote
	pseudonymised := d.is(true, "data", "pseudonymised", "done") && slices.Contains(here, d.text("data", "pseudonymised", "additional_info_holder")) &&
		d.is(true, "data", "pseudonymised", "reidentification_analysis") && d.is(true, "data", "pseudonymised", "authorities_cannot_attribute") &&
		!d.is(true, "recipient", "needs_clear_text") && !remote
	return d.has("edpb_uc1", "tia", "measures") && encrypted || d.has("edpb_uc2", "tia", "measures") && pseudonymised
}

// Article 49.
func exceptional(d dossier) string {
	yes := func(name string) bool { return d.is(true, "derogation", name) }
	no := func(name string) bool { return d.is(false, "derogation", name) }
	withoutPowers := slices.Contains([]string{"bank", "cert", "csp", "individual", "private", "telecom"}, d.text("exporter", "type")) && !exporterPublic(d)
	recognised := d.text("derogation", "recognised_in")
	holds := map[string]bool{
		"49(1)(a)": withoutPowers && yes("explicit") && yes("informed_of_risks"),
		"49(1)(b)": withoutPowers && yes("necessary") && yes("occasional"),
		"49(1)(c)": withoutPowers && yes("necessary") && yes("occasional"),
		"49(1)(d)": yes("necessary") && (yes("occasional") || no("systematic")) && (recognised == "EU" || recognised == d.text("exporter", "country")),
		"49(1)(e)": yes("necessary") && yes("occasional"),
		"49(1)(f)": yes("vital_interest") && yes("incapable_of_consent"),
		"49(1)(g)": yes("public_register") && no("entire_or_category"),
		"49(1)_second_subparagraph": withoutPowers && no("other_derogations_available") && no("repetitive") && yes("limited_number") &&
			no("overridden") && yes("assessed") && yes("suitable_safeguards") && d.is(true, "safeguard_impossible"),
	}
	switch claimed := d.text("derogation", "type"); {
	case !holds[claimed]:
		return ""
	case claimed == "49(1)_second_subparagraph":
		return "GDPR:49(1)-2"
	default:
		return "GDPR:" + claimed
	}
}
