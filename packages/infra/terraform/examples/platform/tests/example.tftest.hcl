mock_provider "docker" {}

variables {
  name          = "example"
  config_folder = "../../tests/fixtures/config"
  dags_folder   = "../../tests/fixtures/dags"
  storage_type  = "s3_ssd"
  ports         = { airflow = 18080 }
  keepers       = [{ name = "clickhouse-keeper-01", client_port = 9181 }]
  clickhouse_nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 8123, native_port = 9000 },
  ]
}

run "says_where_everything_is" {
  command = plan
  assert {
    condition     = output.urls.airflow == "http://127.0.0.1:18080"
    error_message = "Expected Airflow at its port, found ${jsonencode(output.urls)}."
  }
}
