# METADATA
# title: Convention on Cybercrime (ETS 185), scope
# description: A request rests on the Convention. It adds to the law of the exporter and is not itself an instrument of data protection.
# related_resources:
#   - ref: https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=185
#     description: Convention on Cybercrime, Budapest, 23 November 2001
package passavant.law.ets185.scope

import data.passavant.facts

default applies := false

applies if startswith(facts.request.treaty_ref, "ETS185")
