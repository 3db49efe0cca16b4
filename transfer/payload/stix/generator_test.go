package stix_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// planter makes bundles from a seed in which every place that can carry personal data holds a value that occurs nowhere
// else.
type planter struct {
	*rand.Rand
	objects  []any
	canaries []string // must not be found in a result
	must     []string // must be found in it
	byType   map[string][]string
	count    int
}

func newPlanter(seed uint64) *planter {
	return &planter{Rand: rand.New(rand.NewPCG(seed, 20260311)), byType: make(map[string][]string)}
}

type object = map[string]any

func (p *planter) uuid() string {
	h := fmt.Sprintf("%016x%016x", p.Uint64(), p.Uint64())
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

func (p *planter) note(v string) string { p.canaries = append(p.canaries, v); return v }

// token is a word that nobody uses.
func (p *planter) token() string {
	p.count++
	letters := make([]byte, 9)
	for i := range letters {
		letters[i] = byte('a' + p.IntN(26))
	}
	return fmt.Sprintf("%s%d", letters, 1000+p.count)
}

func (p *planter) word() string   { return p.note(p.token()) }
func (p *planter) person() string { return p.note("Zoë " + p.token()) }
func (p *planter) mail() string   { return p.note(p.token() + "@" + p.token() + ".example") }
func (p *planter) ipv4() string {
	return p.note(fmt.Sprintf("198.%d.%d.%d", 18+p.IntN(2), 100+p.IntN(155), 100+p.IntN(155)))
}
func (p *planter) ipv6() string {
	return p.note(fmt.Sprintf("2001:db8:%x:%x::%x", 4096+p.IntN(60000), 4096+p.IntN(60000), 4096+p.IntN(60000)))
}
func (p *planter) mac() string {
	return p.note(fmt.Sprintf("00:1b:%02x:%02x:%02x:%02x", p.IntN(256), p.IntN(256), p.IntN(256), p.IntN(256)))
}
func (p *planter) domain() string { return p.note(p.token() + ".example") }
func (p *planter) url() string {
	host, user := p.token()+".example", p.token()
	p.canaries = append(p.canaries, host, user)
	return "https://" + host + "/u/" + user + "?q=" + url.QueryEscape(p.person()) + "&b=" + base64.StdEncoding.EncodeToString([]byte(p.mail()))
}
func (p *planter) text() string {
	return "Seen by " + p.person() + " <" + p.mail() + "> from " + p.ipv4() + ", see " + p.url()
}
func (p *planter) iban() string { return p.note(fmt.Sprintf("IE98EMRD%014d", p.Int64N(1e14))) }
func (p *planter) phone() string {
	return p.note(fmt.Sprintf("3538%011d", p.Int64N(1e11)))[:15]
}

// id is an id by the rule of the standard, which gives the value away, or one of stix2extensions, which does as well.
func (p *planter) id(typ, value string) string {
	if value == "" {
		return typ + "--" + p.uuid()
	}
	if p.IntN(2) == 0 {
		return typ + "--" + uuid5(value)
	}
	text, _ := json.Marshal(map[string]string{"value": value})
	return typ + "--" + uuid5(string(text))
}

func (p *planter) add(o object) string {
	id := o["id"].(string)
	typ := o["type"].(string)
	p.objects = append(p.objects, o)
	p.byType[typ] = append(p.byType[typ], id)
	return id
}

// any returns the id of some object of the types, or of one made before.
func (p *planter) some(types ...string) string {
	var all []string
	for _, t := range types {
		all = append(all, p.byType[t]...)
	}
	if len(all) == 0 {
		return p.add(p.sdo("identity", object{"name": p.person()}))
	}
	return all[p.IntN(len(all))]
}

func (p *planter) stamp() string {
	return fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02d.000Z", 1+p.IntN(12), 1+p.IntN(28), p.IntN(24), p.IntN(60), p.IntN(60))
}

// sdo is a domain object with everything that is common to all, each a hiding place.
func (p *planter) sdo(typ string, properties object) object {
	created := p.stamp()
	o := object{
		"type": typ, "spec_version": "2.1", "id": p.id(typ, p.note(p.token())), "created": created, "modified": created,
		"labels": []any{"phishing", p.word()}, "description": p.text(), "lang": "en",
		"external_references": []any{
			object{"source_name": "cve", "external_id": "CVE-2025-1234", "description": p.text()},
			object{"source_name": p.word(), "url": p.url(), "external_id": p.word(), "hashes": object{"SHA-256": p.digest(p.person())}},
		},
		"x_case_officer": p.person(), "x_" + p.word(): object{p.word(): []any{p.mail(), p.ipv4()}},
		"extensions": object{"extension-definition--" + p.uuid(): object{"extension_type": "property-extension", "owner": p.person(), p.word(): p.mail()}},
	}
	if len(p.byType["identity"]) > 0 {
		o["created_by_ref"] = p.some("identity")
	}
	if p.IntN(3) == 0 {
		o["granular_markings"] = []any{object{"marking_ref": tlpAmber, "selectors": []any{"labels.[1]", "external_references.[1].url", "created"}}}
	}
	for k, v := range properties {
		o[k] = v
	}
	return o
}

const tlpAmber = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"

func (p *planter) sco(typ, value string, properties object) object {
	o := object{"type": typ, "spec_version": "2.1", "id": p.id(typ, value), "x_seen_at": p.person(), "object_marking_refs": []any{tlpAmber}}
	for k, v := range properties {
		o[k] = v
	}
	return o
}

func (p *planter) cve() string {
	id := fmt.Sprintf("CVE-2026-%d", 10000+p.IntN(80000))
	p.must = append(p.must, id)
	return id
}

// digest is the plain hash of something personal.
func (p *planter) digest(personal string) string {
	sum := sha256.Sum256([]byte(personal))
	return p.note(hex.EncodeToString(sum[:]))
}

func (p *planter) malwareDigest() string {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(p.IntN(256))
	}
	text := hex.EncodeToString(b)
	p.must = append(p.must, text)
	return text
}

// observables adds one of each observable.
func (p *planter) observables() {
	v4, v6, mac, mail, domain := p.ipv4(), p.ipv6(), p.mac(), p.mail(), p.domain()
	account := p.add(p.sco("user-account", "", object{
		"user_id": p.word(), "account_login": p.word(), "display_name": p.person(), "credential": p.word(), "account_type": "unix",
		"is_privileged": true, "account_created": p.stamp(),
		"extensions": object{"unix-account-ext": object{"gid": 1001, "groups": []any{p.word()}, "home_dir": "/home/" + p.word(), "shell": "/bin/" + p.word()}},
	}))
	as := p.add(p.sco("autonomous-system", "", object{"number": 64500 + p.IntN(10), "name": p.person(), "rir": p.word()}))
	m := p.add(p.sco("mac-addr", mac, object{"value": mac}))
	ip4 := p.add(p.sco("ipv4-addr", v4, object{"value": v4, "resolves_to_refs": []any{m}, "belongs_to_refs": []any{as}}))
	ip6 := p.add(p.sco("ipv6-addr", v6, object{"value": v6}))
	d := p.add(p.sco("domain-name", domain, object{"value": domain, "resolves_to_refs": []any{ip4, ip6}}))
	from := p.add(p.sco("email-addr", mail, object{"value": mail, "display_name": p.person(), "belongs_to_ref": account}))
	u := p.url()
	p.add(p.sco("url", u, object{"value": u}))
	raw := p.add(p.sco("artifact", "", object{"mime_type": "message/rfc822", "payload_bin": base64.StdEncoding.EncodeToString([]byte(p.text()))}))
	p.add(p.sco("artifact", "", object{"mime_type": "image/" + p.word(), "url": p.url(), "hashes": object{"SHA-256": p.digest(p.person())}}))
	p.add(p.sco("email-message", "", object{
		"is_multipart": true, "date": p.stamp(), "content_type": "multipart/mixed; boundary=" + p.word(), "from_ref": from, "to_refs": []any{from},
		"message_id": "<" + p.mail() + ">", "subject": p.text(), "received_lines": []any{"from " + p.domain() + " by " + p.ipv4()},
		"additional_header_fields": object{"X-" + p.word(): p.word(), "Reply-To": []any{p.mail(), p.mail()}}, "raw_email_ref": raw,
		"body_multipart": []any{object{"body": p.text(), "content_type": "text/plain; charset=utf-8", "content_disposition": "inline; filename=" + p.word()}},
	}))
	dir := p.add(p.sco("directory", "", object{"path": `C:\Users\` + p.word() + `\Documents`, "ctime": p.stamp()}))
	person := p.person()
	doc := p.add(p.sco("file", "", object{
		"name": p.word() + ".docx", "hashes": object{"SHA-256": p.digest(person), "MD5": p.md5(person)}, "parent_directory_ref": dir, "size": 4711,
		"mime_type": "application/" + p.word(),
		"extensions": object{
			"pdf-ext":          object{"version": "1.7", "document_info_dict": object{"Author": p.person(), p.word(): p.word()}, "pdfid0": p.word()},
			"raster-image-ext": object{"exif_tags": object{"Artist": p.person(), "XPAuthor": p.word()}, "image_height": 20},
			"ntfs-ext":         object{"sid": p.note("S-1-5-21-" + fmt.Sprint(1e8+p.IntN(1e8)) + "-1-2-1001"), "alternate_data_streams": []any{object{"name": p.word()}}},
			"archive-ext":      object{"contains_refs": []any{dir}, "comment": p.text()},
		},
	}))
	p.add(p.sco("mutex", "", object{"name": `Global\` + p.word()}))
	p.add(p.sco("network-traffic", "", object{
		"src_ref": ip4, "dst_ref": d, "protocols": []any{"ipv4", "tcp", "http", p.word()}, "src_port": 50123, "dst_port": 443, "start": p.stamp(),
		"ipfix": object{"sourceMacAddress": p.mac(), p.word(): 5},
		"extensions": object{
			"http-request-ext": object{
				"request_method": "get", "request_value": "/" + p.word() + "?mail=" + url.QueryEscape(p.mail()), "request_version": "http/1.1",
				"request_header":        object{"Cookie": []any{"session=" + p.word()}, "X-" + p.word(): []any{p.word()}, "User-Agent": []any{p.word()}, "Host": []any{p.domain()}, "Authorization": []any{"Basic " + base64.StdEncoding.EncodeToString([]byte(p.mail()+":"+p.word()))}},
				"message_body_data_ref": raw,
			},
		},
	}))
	p.add(p.sco("process", "", object{
		"pid": 4242, "cwd": "/home/" + p.word() + "/work", "command_line": "mail -s " + p.word() + " " + p.mail(), "creator_user_ref": account,
		"environment_variables": object{"USER": p.word(), p.word(): p.word(), "MAIL": p.mail()}, "image_ref": doc,
		"extensions": object{"windows-process-ext": object{"owner_sid": p.word(), "window_title": p.person(), "startup_info": object{"lpTitle": p.word()}},
			"windows-service-ext": object{"service_name": p.word(), "descriptions": []any{p.text()}, "display_name": p.person()}},
	}))
	p.add(p.sco("software", "", object{"name": p.word(), "vendor": p.person(), "version": p.word(), "swid": p.word(), "languages": []any{"en", p.word()}}))
	p.add(p.sco("windows-registry-key", "", object{
		"key":    `HKEY_USERS\S-1-5-21-` + p.note(fmt.Sprint(1e9+p.IntN(1e9))) + `-2-3-1001\Software\` + p.word(),
		"values": []any{object{"name": p.word(), "data": p.mail(), "data_type": "REG_SZ"}}, "creator_user_ref": account,
	}))
	p.add(p.sco("x509-certificate", "", object{
		"subject": "C=IE, CN=" + p.person() + ", emailAddress=" + p.mail(), "issuer": "CN=" + p.person(), "serial_number": p.word(),
		"hashes": object{"SHA-256": p.digest(p.person())}, "x509_v3_extensions": object{"subject_alternative_name": "DNS:" + p.domain()},
	}))
	p.financial()
}

func (p *planter) md5(personal string) string {
	sum := md5.Sum([]byte(personal))
	return p.note(hex.EncodeToString(sum[:]))
}

func (p *planter) financial() {
	holder := p.add(p.sdo("identity", object{"name": p.person(), "identity_class": "individual"}))
	ext := func(id string) object {
		return object{"extension-definition--" + id: object{"extension_type": "new-sco"}}
	}
	iban := p.iban()
	p.add(p.sco("bank-account", iban, object{
		"iban": spaced(iban), "account_number": p.note(fmt.Sprint(1e8 + p.Int64N(1e8))), "bic": "EMRDIE2D", "currency": "EUR", "holder_ref": holder,
		"extensions": ext("f19f3291-6a84-5674-b311-d75a925d5bd9"),
	}))
	card := p.note(fmt.Sprintf("4%015d", p.Int64N(1e15)))
	p.add(p.sco("payment-card", card, object{
		"value": card, "scheme": "VISA", "security_code": p.word(), "holder_ref": holder, "level": p.word(),
		"extensions": ext("b160c6ee-26b6-591c-8885-c192db67cac9"),
	}))
	phone := p.phone()
	p.add(p.sco("phone-number", phone, object{"value": phone, "country": "IRL", "provider": p.word(), "extensions": ext("14a97ee2-e666-5ada-a6bd-b7177f79e211")}))
}

func spaced(s string) string {
	var parts []string
	for ; len(s) > 4; s = s[4:] {
		parts = append(parts, s[:4])
	}
	return strings.Join(append(parts, s), " ")
}

// domainObjects adds one of each domain object, and relations among all.
func (p *planter) domainObjects() {
	p.add(p.sdo("identity", object{"name": p.person(), "identity_class": "individual", "contact_information": p.mail(), "roles": []any{p.word()}, "sectors": []any{"energy", p.word()}}))
	p.add(p.sdo("identity", object{"name": p.person(), "identity_class": "organization"}))
	chain := []any{object{"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": "delivery"}, object{"kill_chain_name": p.word(), "phase_name": p.word()}}
	p.add(p.sdo("attack-pattern", object{"name": "Phishing", "kill_chain_phases": chain}))
	p.add(p.sdo("campaign", object{"name": p.person(), "aliases": []any{p.person()}, "objective": p.text(), "first_seen": p.stamp()}))
	p.add(p.sdo("course-of-action", object{"name": p.text()}))
	p.add(p.sdo("incident", object{"name": p.text()}))
	p.add(p.sdo("infrastructure", object{"name": p.person(), "aliases": []any{p.word()}, "infrastructure_types": []any{"botnet", p.word()}}))
	p.add(p.sdo("intrusion-set", object{"name": p.person(), "aliases": []any{p.person()}, "goals": []any{p.text()}, "resource_level": p.word()}))
	p.add(p.sdo("location", object{"country": "IE", "city": p.word(), "street_address": p.person(), "postal_code": p.word(), "name": p.person(), "latitude": 53.3, "longitude": -6.2}))
	p.add(p.sdo("threat-actor", object{"name": p.person(), "aliases": []any{p.word()}, "threat_actor_types": []any{"criminal", p.word()}, "goals": []any{p.text()}, "sophistication": p.word()}))
	p.add(p.sdo("tool", object{"name": "PsExec", "tool_types": []any{"remote-access"}, "tool_version": p.word()}))
	p.add(p.sdo("vulnerability", object{"name": p.cve()}))
	p.malware()
	p.indicators()
	subject := p.some("ipv4-addr", "email-addr", "file")
	p.add(p.sdo("note", object{"abstract": p.text(), "content": p.text(), "authors": []any{p.person()}, "object_refs": []any{subject}}))
	p.add(p.sdo("opinion", object{"explanation": p.text(), "authors": []any{p.person()}, "opinion": "agree", "object_refs": []any{subject}}))
	p.add(p.sdo("report", object{"name": p.text(), "published": p.stamp(), "report_types": []any{"threat-report"}, "object_refs": []any{subject, p.some("malware")}}))
	p.add(p.sdo("grouping", object{"name": p.text(), "context": p.word(), "object_refs": []any{subject}}))
	observed := p.add(p.sdo("observed-data", object{"first_observed": "2026-01-01T00:00:00Z", "last_observed": "2026-01-02T00:00:00Z", "number_observed": 3, "object_refs": []any{subject}}))
	p.add(p.sdo("observed-data", object{
		"first_observed": "2026-01-01T00:00:00Z", "last_observed": "2026-01-02T00:00:00Z", "number_observed": 1,
		"objects": object{p.word(): object{"type": "email-addr", "value": p.mail(), "display_name": p.person()},
			"1": object{"type": "network-traffic", "src_ref": "2", "protocols": []any{"tcp"}}, "2": object{"type": "ipv4-addr", "value": p.ipv4()}},
	}))
	p.add(p.sdo("sighting", object{"sighting_of_ref": p.some("indicator", "malware"), "observed_data_refs": []any{observed}, "where_sighted_refs": []any{p.some("identity"), p.some("location")}, "count": 4}))
	victim := p.some("identity")
	p.add(p.sdo("relationship", object{"relationship_type": "targets", "source_ref": p.some("threat-actor"), "target_ref": victim}))
	p.add(p.sdo("relationship", object{"relationship_type": "x-" + p.word(), "source_ref": p.some("malware"), "target_ref": victim}))
	p.add(p.sdo("language-content", object{
		"object_ref": victim, "object_modified": p.stamp(),
		"contents": object{"de": object{"name": p.person(), "description": p.text(), "x_" + p.word(): p.person()}, p.word(): object{"name": p.person()}},
	}))
	p.add(p.sdo("x-"+p.word(), object{"name": p.person(), p.word(): p.mail()}))
}

func (p *planter) malware() {
	digest := p.malwareDigest()
	sample := p.add(p.sco("file", "", object{"name": "invoice.exe", "hashes": object{"SHA-256": digest}}))
	m := p.add(p.sdo("malware", object{"name": "Emotet", "is_family": false, "malware_types": []any{"trojan", p.word()}, "sample_refs": []any{sample}}))
	p.add(p.sdo("malware-analysis", object{"product": p.word(), "result": "malicious", "result_name": "Trojan.Emotet", "sample_ref": sample, "modules": []any{p.word()}}))
	indicator := p.add(p.sdo("indicator", object{"name": p.person(), "pattern_type": "stix", "valid_from": p.stamp(), "indicator_types": []any{"malicious-activity"}, "pattern": "[file:hashes.'SHA-256' = '" + digest + "']"}))
	p.add(p.sdo("relationship", object{"relationship_type": "indicates", "source_ref": indicator, "target_ref": m}))
}

func (p *planter) indicators() {
	add := func(typ, pattern string) {
		p.add(p.sdo("indicator", object{"pattern_type": typ, "valid_from": p.stamp(), "pattern": pattern}))
	}
	add("stix", "[ipv4-addr:value = '"+p.ipv4()+"' OR email-addr:value IN ('"+p.mail()+"', '"+p.mail()+"')]")
	add("stix", "[network-traffic:src_ref.value = '"+p.ipv4()+"' AND user-account:account_login != '"+p.word()+"'] /* "+p.person()+" */ WITHIN 5 SECONDS")
	add("stix", "[url:value = '"+p.url()+"'] FOLLOWEDBY [file:hashes.MD5 = '"+p.md5(p.person())+"']")
	add("stix", "[email-message:subject LIKE '%"+p.word()+"%']")
	add("stix", "[domain-name:value MATCHES '^"+p.word()+"']")
	add("stix", "[x-"+p.word()+":"+p.word()+" = '"+p.person()+"']")
	add("stix", "[process:environment_variables."+p.word()+" = '"+p.mail()+"']")
	add("stix", "not a pattern of "+p.person())
	add("yara", "rule x { strings: $a = \""+p.mail()+"\" condition: $a }")
	add("sigma", "detection: user: "+p.person())
}

// bundle returns a bundle of at least n objects.
func (p *planter) bundle(n int) []byte {
	for len(p.objects) < n {
		p.observables()
		p.domainObjects()
	}
	p.Shuffle(len(p.objects), func(i, j int) { p.objects[i], p.objects[j] = p.objects[j], p.objects[i] })
	text, err := json.Marshal(object{"type": "bundle", "id": "bundle--" + p.uuid(), "objects": p.objects})
	if err != nil {
		panic(err)
	}
	return text
}
