# METADATA
# title: Permissible Actions Protocol, scope
# description: Information that says how it may be used. It adds to the law and to the Traffic Light Protocol.
package passavant.law.pap.scope

import data.passavant.facts

default applies := false

applies if facts.pap
