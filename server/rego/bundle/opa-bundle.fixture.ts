/** What `opa build -b` of OPA 1.22 made, signed with ES256: two policies, data as JSON and as YAML, a manifest. */
export const OPA_BUNDLE = Buffer.from(
  [
    'H4sIAAAAAAAA/+yY3W6jOB/Ge5yrQD7Om5qvpEHvHqQhoWRrs6Q0xJ4ZVYTSxIADCqQEV72gvY69sRUZ7cxuZqVqtNPO7ojfATiRsR9/PP74n9',
    '8HZdCLi2x79mpACGEfwuMbfvmG8kD9lD7+L8uwL59J8PUkfWZflMHuDP7juk4b9x/hCdxHUQ6MJxDtmucBGO/kLiirDHzoghoYINuC5+cuSBln',
    'ZdFkWbE1MGRF1fT+4GIIP6e64AEYck+HXcCDAzD0LiiBAd7vIVTD3359v1egcnH8FYHn5873bnrL2dnZebELz4M8P8+zlIV1bxets29dx0v+h3',
    '144n9lMNBa/78FeRAmwTqSgjzvdII0zSqJPUhsm+/L3lb6v3TcHj56v8eDQ2vaH4wT/9+VUVF+60XgRf9r8on/Nagqrf/fgj/5/zj2nU7zvDtI',
    'xk9SudtHreF/bM57BVtvg3K/i4rXuga84H9ZH+in+7+mtOf/N+GpI4HPMwAY0ruOJIGonm1WVsgcNpveClvGzC5sXuZ0bPdtPk8pn8qrK5ddj2',
    'cwWo6afD8vZJc9uL2onvHAP6Rhbfd9tWArPi3pjd23t7gm9XATXo0eQ2tYBD7Wr7ezlCoXTTEZWeLMjjOGLSJwjDTHXMTYciE2RzX1JzLxiUzN',
    'DaMeEjSeyNjDHJkLTjxbp14osIUZtZBGvUQh8e2B+E05oU7iUDjjRv60oMqwDpbzbNXoSbHt3sAae4Q93BwGNtc3K/+2aYoIOXoky8vqWr18XF',
    'lpHC2GkC4x/Du91EcCxSOB4olwvDknXiioOeMoHsmONakd362oOVJpvGHYnzJq2gq1XBWZlKN4ckAe0okXVth0a2xOE8zJAbGv0puQ5XxzzXOx',
    'UrS/aHN8usHmrXAsWzi+K7B5q2OLaEihDJtJhYSrYI5UGiPheETFIqkdH1XIu9wgQTmJRxU2N5xymlDL1mg8T+lXabP3K3+6D3yahqp70m+kQj',
    'GqsZgyLFwdx/cx8myNxKhGHpGRaavYdw/Iu2z6uMIC1Y65hsgbaY4/UXB8q5KYyCR2VSQWCRGJjl8a5wVspnEa+Wly1GAtOFkuivvxbNjL3Qtf',
    'JnZ5RaZcn8zzcVir+i9u1A89TcA5UyEpiTdh/bHyv6Rfok2l0yTdjw/uJnAg9sToarIc3uzt+2Bc9atVdX33aK5BR/rQ7UggT/drtgWGBO7uo4',
    'dgn5ag8/y9zX9c/3mwZQ9RUb5eHS/Gf744/8lQH7Tr/1vwBHbRIytYtgUG2A1AF+yyrCyA8Q4EeQ664I+DIfgUAup+DBl96ILmnnD3GO0+fi53',
    'AY/KoLkxAuMJJMCQ2yhPS0tLy7+V3wMAAP//lOQMUQAaAAA=',
  ].join(''),
  'base64',
);

/** The public key that verifies it. */
export const OPA_BUNDLE_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExhL0VGSR682IYyt/sJnkNaXv9DF6
j/YwS+0b7h0D+5GR2tRnfj9AVDtugTXnxUycG6Jbwj8utJpJ9pngyWIxPQ==
-----END PUBLIC KEY-----
`;
