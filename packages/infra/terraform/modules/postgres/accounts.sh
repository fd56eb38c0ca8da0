#!/bin/sh
# Gives the superuser its password, and each consumer a user and a database of its name.
set -eu
run() {
  psql --quiet --no-psqlrc --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 "$@"
}
run --file=/opt/provehouse/superuser.sql
for consumer in $CONSUMERS; do
  export CONSUMER="$consumer"
  run --set=consumer="$consumer" --file=/opt/provehouse/consumer.sql
  echo "$consumer has its user and its database."
done
