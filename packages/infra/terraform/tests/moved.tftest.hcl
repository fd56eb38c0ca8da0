# A platform that was made before there was a module for networks keeps them: one that was destroyed and
# made again would have an id that is not known at plan time, or another one.
mock_provider "docker" {}

variables {
  name          = "demo"
  config_folder = abspath("tests/fixtures/config")
  dags_folder   = abspath("tests/fixtures/dags")
  storage_type  = "s3_ssd"
  clickhouse_nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
  ]
}

run "networks_as_they_were_made_before" {
  command   = apply
  state_key = "moved"
  module {
    source = "./tests/fixtures/networks-before"
  }
}

run "are_the_networks_of_today" {
  command   = plan
  state_key = "moved"
  assert {
    condition = run.networks_as_they_were_made_before.ids == {
      clickhouse = module.clickhouse.network_id
      postgres   = module.postgres.network_id
      redis      = module.redis.network_id
      airflow    = module.airflow.network_id
      minio      = module.minio.network_id
    }
    error_message = "Expected every network to be the one that was there."
  }
}
