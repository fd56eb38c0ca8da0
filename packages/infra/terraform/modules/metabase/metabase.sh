#!/bin/sh
# Runs Metabase, which takes its secrets from its environment alone: they are in files, so that nobody sees them
# who looks at the container. The image has that for the password, and not for the key.
set -eu

MB_DB_PASS=$(cat /run/provehouse/database.password)
MB_ENCRYPTION_SECRET_KEY=$(cat /run/provehouse/encryption.key)
export MB_DB_PASS MB_ENCRYPTION_SECRET_KEY
exec /app/run_metabase.sh
