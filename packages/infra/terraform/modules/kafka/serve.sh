#!/bin/sh
# Runs Kafka as processes of this project do: by the Java and the jars of the image, and not by its scripts,
# which take their settings from the environment.
set -eu

settings=/etc/provehouse
data=/var/lib/kafka/data
set -- java "@$settings/java.options" "-Dlog4j2.configurationFile=$settings/log4j2.properties" \
  -classpath '/opt/kafka/libs/*'

if ! test -e "$data/meta.properties"; then
  id="$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')"
  # In one word, because an id may begin with a dash.
  "$@" kafka.tools.StorageTool format "--cluster-id=$id" --config "$settings/server.properties"
fi
# The agent says what the broker counts (https://prometheus.github.io/jmx_exporter/).
if test -e "$settings/jmx-agent.jar"; then
  shift
  set -- java "-javaagent:$settings/jmx-agent.jar=0.0.0.0:9404:$settings/metrics.yml" "$@"
fi
exec "$@" kafka.Kafka "$settings/server.properties"
