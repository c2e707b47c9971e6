"""The gateway: Envoy shows what passes through it, and here it is decided what may (ext_proc).

The story of one exchange, request and response treated:

1. Envoy opens a stream for an HTTP exchange. Who it is, its certificate says; its partner, its
   counterparty and what becomes of each half, the metadata of its route (`route`).
2. The first message says how bodies are shown. Where the route asks for more: refused.
3. Headers come. A half that can't be looked at as a whole is refused now; one without a body goes
   on.
4. The body comes, whole or in pieces. Its codings and frames are taken off (`coding`).
5. It goes to the desk that Transfer, CheckPrompt or CheckOutput bring theirs to (`deciding`), under
   a request id that is the same for the same request (`identifiers`).
6. What is released goes on in the place of what came, framed as it was, with the decision in its
   headers.
7. What is not becomes a problem document (RFC 9457), sent in the exchange's place (`problem`).
8. The response is gone through in the same way.
9. Envoy ends the stream. Where the gateway ends it, it ends with an error: a stream that is closed
   cleanly would let the rest pass.
"""
