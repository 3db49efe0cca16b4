# METADATA
# title: GDPR, disclosures that Union law itself mandates
# description: |
#   Some Union acts make a disclosure a legal obligation or a task in the public interest: an order under the e-Evidence
#   Regulation, a partnership under the Anti-Money-Laundering Regulation. Where such an act holds with all its conditions,
#   the basis of Article 6(3) lies in it. Nothing else of the GDPR falls away.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2023/1543/oj
#     description: Regulation (EU) 2023/1543, production and preservation orders
#   - ref: https://eur-lex.europa.eu/eli/reg/2024/1624/oj
#     description: Regulation (EU) 2024/1624, Article 75
package passavant.law.gdpr.mandates

import data.passavant.law.amlr.partnership
import data.passavant.law.eevidence.orders

# METADATA
# title: The point of Article 6(1) that the act gives
lawful_basis := "GDPR:6(1)(c)" if order

else := "GDPR:6(1)(e)" if partnership.in_order

# METADATA
# title: A production order that binds the provider
order if orders.binding
