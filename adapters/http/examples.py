"""What a publisher may send, as the OpenAPI shows it: one event, plain and in a signed submission.

The submission's commitments and signature hold, under a key made for this page alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.canonical import JsonValue

_HEADER: Mapping[str, JsonValue] = {
    "agreement": "bhr-themes@1",
    "datacontenttype": "application/json",
    "dataschema": "urn:bhr:schema:referral-received:v1",
    "id": "0190a8c4-6f00-7a10-8b20-3c4d5e6f7a8b",
    "precision": "day",
    "purpose": "partnership-themes",
    "sequence": "1",
    "specversion": "1.0",
    "subject": "3Kg-cXsfZOsUEFenQVozCtE2H1FwPvouR3b0AEeJigQ",
    "time": "2024-05-01T00:00:00Z",
    "type": "uk.bhr.safeguarding.referral-received.v1",
}
_PERSON: Mapping[str, JsonValue] = {
    "pseudonym": "qUkfTBv3sM_7rcui248Cjks_KGfLWeHzoLwZaPPFEkI",
    "role": "child",
    "shared": {"age_band": "5-9", "primary_need": "N1", "sex": "female"},
}

PLAIN_EVENT: Mapping[str, JsonValue] = {
    **_HEADER,
    "source": "/participants/havering/early-help",
    "data": {
        "facts": {"source_code": "2A"},
        "subjects": [{**_PERSON, "restricted": {"local_id": "made-up-17"}}],
    },
}
"""As a source sends it that is configured plain."""

SUBMISSION: Mapping[str, JsonValue] = {
    "events": [
        {
            **_HEADER,
            "source": "/participants/havering/children-social-care",
            "data": {
                "facts": {"source_code": "2A"},
                "salts": {
                    "facts": "dUFe1PvHMokJ8ATAw4a91WDUrWtIlnSZKRLVOjvMPm8",
                    "header": "5M81tUlTuw0WZINZBAV0nT1kLoTzNQTjd9Co18-W0kM",
                },
                "subjects": [{**_PERSON, "salt": "Y0ea1poJCyWCd-yPum-ZQZov-ySJgVEGV8lEzNEUjpc"}],
            },
        }
    ],
    "submission": {
        "id": "0190a8c4-6f00-7b31-9c40-5d6e7f8a9b0c",
        "key": "6Fy8JN4xE1E4EF6ivciaT-ZgRc7qCDEtsG6m49CXRUo",
        "ledger": "havering",
        "signature": (
            "7ayykmH41oiXU_psLwZL1B43v9-DSozpxF-_yNtH8cP2xfbUmMBUBuDdDksc9CKFXtgC5twH2vv99tidP8uwAw"
        ),
        "source": "/participants/havering/children-social-care",
        "statements": ["AvfFk3gL4pBb2GgOI3hE_jXLo2dHWCkZKmrTs8OCrOQ"],
    },
}
"""As the borough's client sends it, of one event without a restricted part."""
