#!/bin/sh
# Asks a component by a command: health-check.sh PAUSE LIMIT COMMAND…, in seconds. Where the last answer was
# good, it pauses first: the engine starts a process for every question, and a component that starts has to
# be asked often. (From version 25 on Docker has start_interval for it.) The mark of a good answer is gone
# before the pause, so that after one that was cut off the next does not pause; it is in memory, and gone
# with the container's end.
pause="$1" limit="$2"
shift 2
mark=/dev/shm/provehouse-healthy

if rm "$mark" 2>/dev/null; then sleep "$pause"; fi
timeout -s KILL "$limit" "$@" || exit 1
touch "$mark"
