mock_provider "docker" {}

variables {
  name          = "demo"
  config_folder = abspath("tests/fixtures/config")
  dags_folder   = abspath("tests/fixtures/dags")
  clickhouse_nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
  ]
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    name = "Demo"
  }
  expect_failures = [var.name]
}

run "a_name_that_begins_with_a_dash_is_refused" {
  command = plan
  variables {
    name = "-demo"
  }
  expect_failures = [var.name]
}

run "a_name_with_a_dot_is_refused" {
  command = plan
  variables {
    name = "demo.one"
  }
  expect_failures = [var.name]
}

run "an_empty_name_is_refused" {
  command = plan
  variables {
    name = ""
  }
  expect_failures = [var.name]
}

run "a_name_that_is_too_long_is_refused" {
  command = plan
  variables {
    name = "a23456789-123456789-123456789-123"
  }
  expect_failures = [var.name]
}

run "a_configuration_folder_that_is_not_there_is_refused" {
  command = plan
  variables {
    config_folder = "tests/fixtures/nothing"
  }
  expect_failures = [var.config_folder]
}

run "a_configuration_folder_that_lacks_what_airflow_needs_is_refused" {
  command = plan
  variables {
    config_folder = "tests/fixtures/config-of-nodes"
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    ]
    keepers = []
  }
  expect_failures = [var.config_folder]
}

run "a_configuration_folder_for_another_storage_is_refused" {
  command = plan
  variables {
    config_folder = "tests/fixtures/config-of-nodes"
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    ]
    keepers        = []
    enable_airflow = false
    storage_type   = "local_ssd"
  }
  expect_failures = [var.config_folder]
}

run "no_folder_of_dags_is_refused" {
  command = plan
  variables {
    dags_folder = ""
  }
  expect_failures = [var.dags_folder]
}

run "a_cluster_without_nodes_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = []
  }
  expect_failures = [var.clickhouse_nodes]
}

run "two_nodes_of_one_name_are_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
      { name = "clickhouse-01", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_node_with_the_name_of_another_component_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "redis", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_node_whose_name_a_shell_would_run_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01' || true '", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "two_nodes_at_one_place_are_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
      { name = "clickhouse-02", shard = "01", replica = "01", http_port = 18124, native_port = 19001 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_shard_of_one_digit_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "1", replica = "01", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_replica_in_words_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "first", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_shard_with_fewer_replicas_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
      { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
      { name = "clickhouse-03", shard = "01", replica = "02", http_port = 18125, native_port = 19002 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "an_even_number_of_keepers_is_refused" {
  command = plan
  variables {
    keepers = [
      for number in [1, 2] : { name = "clickhouse-keeper-0${number}", client_port = 9180 + number }
    ]
  }
  expect_failures = [var.keepers]
}

run "more_keepers_than_vote_quickly_are_refused" {
  command = plan
  variables {
    keepers = [
      for number in range(1, 10) : { name = "clickhouse-keeper-0${number}", client_port = 9180 + number }
    ]
  }
  expect_failures = [var.keepers]
}

run "a_keeper_with_the_name_of_another_component_is_refused" {
  command = plan
  variables {
    keepers = [{ name = "clickhouse-03", client_port = 9181 }]
  }
  expect_failures = [var.keepers]
}

run "two_keepers_of_one_name_are_refused" {
  command = plan
  variables {
    keepers = [
      { name = "clickhouse-keeper-01", client_port = 9181 },
      { name = "clickhouse-keeper-02", client_port = 9182 },
      { name = "clickhouse-keeper-02", client_port = 9183 },
    ]
  }
  expect_failures = [var.keepers]
}

run "airflow_without_workers_is_refused" {
  command = plan
  variables {
    airflow_workers = 0
  }
  expect_failures = [var.airflow_workers]
}

run "more_workers_than_a_machine_runs_are_refused" {
  command = plan
  variables {
    airflow_workers = 17
  }
  expect_failures = [var.airflow_workers]
}

run "half_a_worker_is_refused" {
  command = plan
  variables {
    airflow_workers = 1.5
  }
  expect_failures = [var.airflow_workers]
}

run "an_unknown_storage_is_refused" {
  command = plan
  variables {
    storage_type = "nfs"
  }
  expect_failures = [var.storage_type]
}

run "a_consumer_without_a_rendered_password_is_refused" {
  command = plan
  variables {
    postgres_consumers = ["grafana"]
  }
  expect_failures = [var.postgres_consumers]
}

run "airflow_as_a_consumer_is_refused" {
  command = plan
  variables {
    postgres_consumers = ["airflow"]
  }
  expect_failures = [var.postgres_consumers]
}

run "the_latest_image_of_clickhouse_is_refused" {
  command = plan
  variables {
    images = { clickhouse = "clickhouse/clickhouse-server:latest" }
  }
  expect_failures = [var.images]
}

run "an_image_of_clickhouse_without_a_version_is_refused" {
  command = plan
  variables {
    images = { clickhouse = "clickhouse/clickhouse-server" }
  }
  expect_failures = [var.images]
}

run "the_latest_image_of_keeper_is_refused" {
  command = plan
  variables {
    images = { keeper = "clickhouse/clickhouse-keeper:latest" }
  }
  expect_failures = [var.images]
}

run "an_image_of_keeper_without_a_version_is_refused" {
  command = plan
  variables {
    images = { keeper = "clickhouse/clickhouse-keeper" }
  }
  expect_failures = [var.images]
}

run "the_latest_image_of_postgres_is_refused" {
  command = plan
  variables {
    images = { postgres = "postgres:latest" }
  }
  expect_failures = [var.images]
}

run "an_image_of_postgres_without_a_version_is_refused" {
  command = plan
  variables {
    images = { postgres = "postgres" }
  }
  expect_failures = [var.images]
}

run "the_latest_image_of_redis_is_refused" {
  command = plan
  variables {
    images = { redis = "valkey/valkey:latest" }
  }
  expect_failures = [var.images]
}

run "an_image_of_redis_without_a_version_is_refused" {
  command = plan
  variables {
    images = { redis = "valkey/valkey" }
  }
  expect_failures = [var.images]
}

run "the_latest_image_of_airflow_is_refused" {
  command = plan
  variables {
    images = { airflow = "provehouse/airflow:latest" }
  }
  expect_failures = [var.images]
}

run "an_image_of_airflow_without_a_version_is_refused" {
  command = plan
  variables {
    images = { airflow = "provehouse/airflow" }
  }
  expect_failures = [var.images]
}

run "the_latest_image_of_minio_is_refused" {
  command = plan
  variables {
    images = { minio = "minio/minio:latest" }
  }
  expect_failures = [var.images]
}

run "an_image_of_minio_without_a_version_is_refused" {
  command = plan
  variables {
    images = { minio = "minio/minio" }
  }
  expect_failures = [var.images]
}

run "an_image_of_a_registry_with_a_port_without_a_version_is_refused" {
  command = plan
  variables {
    images = { redis = "registry.example:5000/valkey/valkey" }
  }
  expect_failures = [var.images]
}

run "a_distroless_image_is_refused" {
  command = plan
  variables {
    images = { clickhouse = "clickhouse/clickhouse-server:26.3.33.24-distroless" }
  }
  expect_failures = [var.images]
}

run "an_image_with_a_digest_that_is_cut_off_is_refused" {
  command = plan
  variables {
    images = { redis = "valkey/valkey@sha256:e3b0c442" }
  }
  expect_failures = [var.images]
}

run "a_port_of_zero_is_refused" {
  command = plan
  variables {
    ports = { redis = 0 }
  }
  expect_failures = [var.ports]
}

run "a_port_above_65535_is_refused" {
  command = plan
  variables {
    ports = { redis = 65536 }
  }
  expect_failures = [var.ports]
}

run "half_a_port_is_refused" {
  command = plan
  variables {
    ports = { redis = 6379.5 }
  }
  expect_failures = [var.ports]
}

run "a_port_of_a_node_above_65535_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 65536, native_port = 19000 },
    ]
  }
  expect_failures = [var.ports]
}

run "a_port_of_a_keeper_above_65535_is_refused" {
  command = plan
  variables {
    keepers = [{ name = "clickhouse-keeper-01", client_port = 65536 }]
  }
  expect_failures = [var.ports]
}

run "one_port_for_a_node_and_a_keeper_is_refused" {
  command = plan
  variables {
    keepers = [{ name = "clickhouse-keeper-01", client_port = 19000 }]
  }
  expect_failures = [var.ports]
}

run "one_port_for_two_components_is_refused" {
  command = plan
  variables {
    ports = { airflow = 8080, flower = 8080 }
  }
  expect_failures = [var.ports]
}

run "one_port_for_a_component_and_a_node_is_refused" {
  command = plan
  variables {
    ports = { redis = 19000 }
  }
  expect_failures = [var.ports]
}

run "one_port_for_two_nodes_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
      { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19000 },
    ]
  }
  expect_failures = [var.ports]
}

run "one_port_for_both_protocols_of_a_node_is_refused" {
  command = plan
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 18123 },
    ]
  }
  expect_failures = [var.ports]
}

run "less_memory_than_clickhouse_starts_with_is_refused" {
  command = plan
  variables {
    memory_limits = { clickhouse = 1023 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_airflow_starts_with_is_refused" {
  command = plan
  variables {
    memory_limits = { airflow = 1023 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_keeper_starts_with_is_refused" {
  command = plan
  variables {
    memory_limits = { keeper = 127 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_postgres_starts_with_is_refused" {
  command = plan
  variables {
    memory_limits = { postgres = 127 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_redis_starts_with_is_refused" {
  command = plan
  variables {
    memory_limits = { redis = 127 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_minio_starts_with_is_refused" {
  command = plan
  variables {
    memory_limits = { minio = 127 }
  }
  expect_failures = [var.memory_limits]
}
