#!/bin/sh
# Runs the exporter with the options of version 0.20; that of Debian's version has another name for one of them,
# and a collector that fails on PostgreSQL 17 and later.
set -eu

program=/usr/lib/provehouse/postgres_exporter
known="$("$program" --help 2>&1)"
for word; do
  shift
  case "$word:$known" in
    --no-collector.settings:*--disable-settings-metrics*) set -- "$@" --disable-settings-metrics --no-collector.bgwriter ;;
    *) set -- "$@" "$word" ;;
  esac
done
exec "$program" "$@"
