#!/bin/sh
# Runs Alertmanager: alertmanager.sh ARGUMENT... Where Telegram is not reached it logs the address, and so the
# token, which is replaced here; by the shell, because not every sed gives a line of a pipe at once.
set -eu

log=/dev/shm/provehouse-alertmanager-log
rm -f "$log"
mkfifo "$log"
while IFS= read -r line; do
  case "$line" in
    *bot[0-9]*) printf '%s\n' "$line" | sed -E 's/bot[0-9]+:[A-Za-z0-9_-]+/bot<token>/g' ;;
    *) printf '%s\n' "$line" ;;
  esac
done <"$log" &

alertmanager "$@" >"$log" 2>&1 &
server=$!
trap 'kill "$server"' TERM
code=0
wait "$server" || code=$?
# It was a signal that ended the wait, and Alertmanager keeps what it knows before it ends.
if kill -0 "$server" 2>/dev/null; then
  code=0
  wait "$server" || code=$?
fi
wait
exit "$code"
