# The variables alone: what they refuse is refused whatever is made of them, and to load the provider and
# to plan all modules takes a second for each run. In platform.tftest.hcl one is of the whole platform.
variables {
  name          = "demo"
  config_folder = abspath("tests/fixtures/config")
  dags_folder   = abspath("tests/fixtures/dags")
  clickhouse_nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
  ]
}

# Variables that are judged without regard to each other are refused in one run, which fails unless every
# one of them is.
run "each_of_these_values_is_refused_1" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    # A name with capitals.
    name = "Demo"
    # No folder of dags.
    dags_folder = ""
    data_folder = ""
    # An even number of keepers.
    keepers = [
      for number in [1, 2] : { name = "clickhouse-keeper-0${number}", client_port = 9180 + number }
    ]
    # Airflow without workers.
    airflow_workers = 0
    # An unknown storage.
    storage_type = "nfs"
    # A consumer without a rendered password.
    postgres_consumers = ["grafana"]
    # A module that there is none for.
    modules = ["grafana"]
    # The latest image of clickhouse.
    images = { clickhouse = "clickhouse/clickhouse-server:latest" }
    # Less memory than clickhouse starts with.
    memory_limits = { clickhouse = 1023 }
  }
  expect_failures = [
    var.name,
    var.dags_folder, var.data_folder,
    var.keepers,
    var.airflow_workers,
    var.storage_type,
    var.postgres_consumers,
    var.modules,
    var.images,
    var.memory_limits,
  ]
}

run "each_of_these_values_is_refused_2" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    # A name that begins with a dash.
    name = "-demo"
    # More keepers than vote quickly.
    keepers = [
      for number in range(1, 10) : { name = "clickhouse-keeper-0${number}", client_port = 9180 + number }
    ]
    # More workers than a machine runs.
    airflow_workers = 17
    # Airflow as a consumer.
    postgres_consumers = ["airflow"]
    # An image of airflow without a version.
    images = { airflow = "provehouse/airflow" }
    # Less memory than airflow starts with.
    memory_limits = { airflow = 1023 }
  }
  expect_failures = [
    var.name,
    var.keepers,
    var.airflow_workers,
    var.postgres_consumers,
    var.images,
    var.memory_limits,
  ]
}

run "each_of_these_values_is_refused_3" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    # A name with a dot.
    name = "demo.one"
    # A keeper with the name of another component.
    keepers = [{ name = "clickhouse-03", client_port = 9181 }]
    # Half a worker.
    airflow_workers = 1.5
    # An image of a registry with a port without a version.
    images = { redis = "registry.example:5000/valkey/valkey" }
    # Less memory than keeper starts with.
    memory_limits = { keeper = 127 }
  }
  expect_failures = [var.name, var.keepers, var.airflow_workers, var.images, var.memory_limits]
}

run "each_of_these_values_is_refused_4" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    # An empty name.
    name = ""
    # Two keepers of one name.
    keepers = [
      { name = "clickhouse-keeper-01", client_port = 9181 },
      { name = "clickhouse-keeper-02", client_port = 9182 },
      { name = "clickhouse-keeper-02", client_port = 9183 },
    ]
    # A distroless image.
    images = { clickhouse = "clickhouse/clickhouse-server:26.3.33.24-distroless" }
    # Less memory than postgres starts with.
    memory_limits = { postgres = 127 }
  }
  expect_failures = [var.name, var.keepers, var.images, var.memory_limits]
}

run "each_of_these_values_is_refused_5" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    # A name that is too long.
    name = "a23456789-123456789-123456789-123"
    # An image with a digest that is cut off.
    images = { redis = "valkey/valkey@sha256:e3b0c442" }
    # Less memory than redis starts with.
    memory_limits = { redis = 127 }
  }
  expect_failures = [var.name, var.images, var.memory_limits]
}

run "each_of_these_values_is_refused_6" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    # Less memory than the storage starts with.
    memory_limits = { storage = 127 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_grafana_starts_with_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    memory_limits = { grafana = 255 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_superset_starts_with_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    memory_limits = { superset = 511 }
  }
  expect_failures = [var.memory_limits]
}

run "less_memory_than_metabase_starts_with_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    memory_limits = { metabase = 1023 }
  }
  expect_failures = [var.memory_limits]
}

run "a_configuration_folder_that_is_not_there_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    config_folder = "tests/fixtures/nothing"
  }
  expect_failures = [var.config_folder]
}

run "a_configuration_folder_that_lacks_what_airflow_needs_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
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
  module {
    source = "./tests/fixtures/variables"
  }
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

run "a_cluster_without_nodes_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = []
  }
  expect_failures = [var.clickhouse_nodes]
}

run "two_nodes_of_one_name_are_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
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
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "redis", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_node_whose_name_a_shell_would_run_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01' || true '", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "two_nodes_at_one_place_are_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
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
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "1", replica = "01", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_replica_in_words_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "first", http_port = 18123, native_port = 19000 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_shard_with_fewer_replicas_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
      { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
      { name = "clickhouse-03", shard = "01", replica = "02", http_port = 18125, native_port = 19002 },
    ]
  }
  expect_failures = [var.clickhouse_nodes]
}

run "a_port_of_zero_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    ports = { redis = 0 }
  }
  expect_failures = [var.ports]
}

run "a_port_above_65535_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    ports = { redis = 65536 }
  }
  expect_failures = [var.ports]
}

run "half_a_port_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    ports = { redis = 6379.5 }
  }
  expect_failures = [var.ports]
}

run "a_port_of_a_node_above_65535_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 65536, native_port = 19000 },
    ]
  }
  expect_failures = [var.ports]
}

run "a_port_of_a_keeper_above_65535_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    keepers = [{ name = "clickhouse-keeper-01", client_port = 65536 }]
  }
  expect_failures = [var.ports]
}

run "one_port_for_a_node_and_a_keeper_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    keepers = [{ name = "clickhouse-keeper-01", client_port = 19000 }]
  }
  expect_failures = [var.ports]
}

run "one_port_for_two_components_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    ports = { airflow = 8080, flower = 8080 }
  }
  expect_failures = [var.ports]
}

run "one_port_for_a_component_and_a_node_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    ports = { redis = 19000 }
  }
  expect_failures = [var.ports]
}

run "one_port_for_two_nodes_is_refused" {
  command = plan
  module {
    source = "./tests/fixtures/variables"
  }
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
  module {
    source = "./tests/fixtures/variables"
  }
  variables {
    clickhouse_nodes = [
      { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 18123 },
    ]
  }
  expect_failures = [var.ports]
}
