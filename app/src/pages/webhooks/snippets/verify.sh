#!/usr/bin/env bash
# Verifies a stored call, whose body is in body.json:
#   WEBHOOK_SECRET=whsec_… id=… timestamp=… signature=… bash verify.sh
# Or sends body.json as a call to your own receiver, signed now:
#   WEBHOOK_SECRET=whsec_… bash verify.sh http://localhost:8000
set -euo pipefail

key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
sign() { # Other users of this machine can see the key in its list of processes.
  { printf %s "$id.$timestamp." && cat body.json; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A
}

if [ $# -gt 0 ]; then
  id=msg_test timestamp=$(date +%s)
  exec curl -i "$1" --data-binary @body.json -H 'content-type: application/json' \
    -H "webhook-id: $id" -H "webhook-timestamp: $timestamp" -H "webhook-signature: v1,$(sign)"
fi
fail() { echo "$1" >&2 && exit 1; }
[[ $timestamp =~ ^[1-9][0-9]{9}$ ]] || fail "The timestamp is not one."
age=$(($(date +%s) - timestamp))
[ "${age#-}" -le 300 ] || fail "The call is older than five minutes, or of the future."
expected=$(sign)
[[ " ${signature-} " == *" v1,$expected "* ]] || fail "The signature is wrong."
echo "The call is genuine."
