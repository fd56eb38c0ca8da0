#!/bin/bash
# Asks the broker, under its own account, for its cluster; ends with 1 when it is not whole. The requests are
# in a file, in Kafka's protocol (https://kafka.apache.org/protocol), because its own programs take seconds of
# processor time.
set -eu

exec 3<>/dev/tcp/127.0.0.1/9092
base64 -d /run/provehouse/health.request >&3

# Prints so many bytes of the broker as hexadecimal digits; no more are read than those.
read_bytes() {
  dd bs=1 count="$1" <&3 2>/dev/null | od -An -v -tx1 | tr -d ' \n'
}

# Prints the next answer, which its size comes before.
answer() {
  local size
  size="$(read_bytes 4)"
  test "${#size}" = 8 && read_bytes "$((16#$size))"
}

# The number of the request comes first in an answer, then, in both of these, an error.
handshake="$(answer)" || { echo 'no answer'; exit 1; }
test "${handshake:0:12}" = 000000010000 || { echo 'PLAIN is refused'; exit 1; }
login="$(answer)" || { echo 'no answer to the login'; exit 1; }
test "${login:0:12}" = 000000020000 || { echo "the broker's account is refused"; exit 1; }
cluster="$(answer)" || { echo 'no answer of the cluster'; exit 1; }
# One broker, with the id 1; at the end the controller's id, and no topics.
echo "brokers $((16#${cluster:8:8})), controller $((16#${cluster: -16:8}))"
test "${cluster:0:24}" = 000000030000000100000001
test "${cluster: -16}" = 0000000100000000
