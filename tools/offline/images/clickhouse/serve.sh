# Serves a node on the ports of a ClickHouse server: 8123, 9000 and, for its peers, 9009.
#
# The engine has one HTTP port. It serves its peers there at the second address of config.xml alone, which
# no other container reaches: what comes to the port for peers is passed on.
socat TCP4-LISTEN:9009,fork,reuseaddr TCP4:127.0.1.1:8123 &
exec python3 /usr/lib/provehouse/embedded_node /usr/lib/libchdb.so \
  --config /etc/clickhouse-server/config.xml --http-port 8123 --tcp-port 9000
