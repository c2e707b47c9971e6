"""What the servicers ask of the rest of the service: one desk for each service of the API.

A desk method is named after its RPC, takes the caller, a plain request and the seconds that are
left, and raises PrivacyError: NOT_YOUR_PARTNER (or a NOT_FOUND) for what belongs to others, and
DEADLINE_PASSED when the seconds are over. Requests come with the rules of the .proto files kept.
"""
