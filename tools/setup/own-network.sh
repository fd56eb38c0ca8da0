#!/bin/sh
# Runs a command in a network of its own, which has nothing but a loopback device: suites that start
# platforms then take no port from one another and may run side by side. Where the machine does not allow
# that, the command is run as it is.
if unshare --net ip link set lo up 2>/dev/null; then
  exec unshare --net sh -c 'ip link set lo up && exec "$@"' own-network "$@"
fi
exec "$@"
