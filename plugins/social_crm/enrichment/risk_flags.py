"""The flags of risk that an utterance may have."""

from typing import Final

# Their columns, with their names in rules; dbt has them in macro `risk_flags`.
RISK_FLAGS: Final = {
    "has_card_number": "card_number",
    "has_personal_data": "personal_data",
    "is_offensive": "offensive",
    "is_legal_threat": "legal_threat",
    "is_copyright_claim": "copyright",
    "is_safety_risk": "safety",
}
