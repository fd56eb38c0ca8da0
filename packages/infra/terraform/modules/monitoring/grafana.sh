#!/bin/sh
# Runs Grafana. Its database knows the administrator's password from its first start on; the one that the file
# has now is brought into it. Where that fails, Grafana runs with the one before, and its log says so.
set -eu

if test -e "$GF_PATHS_DATA/grafana.db"; then
  grafana cli admin reset-admin-password --password-from-stdin </etc/provehouse/admin.password ||
    echo 'The password of the file could not be brought into the database: the one before is valid.' >&2
fi
exec /run.sh
