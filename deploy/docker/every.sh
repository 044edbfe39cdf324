#!/bin/sh
# every SECONDS COMMAND…: start the command again and again, with that many seconds between the end of one and the
# next. A signal ends the command under way, waits for it, and ends this. What the command returns is its own affair.
set -u
pause=$1
shift
trap 'kill -TERM "$!" 2>/dev/null; wait "$!"; exit 0' TERM INT
while :; do
  "$@" &
  wait "$!"
  sleep "$pause" &
  wait "$!"
done
