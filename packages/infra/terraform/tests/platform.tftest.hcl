mock_provider "docker" {}

variables {
  name          = "demo"
  config_folder = abspath("tests/fixtures/config")
  dags_folder   = abspath("tests/fixtures/dags")
  clickhouse_nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 18123, native_port = 19000 },
    { name = "clickhouse-02", shard = "02", replica = "01", http_port = 18124, native_port = 19001 },
    { name = "clickhouse-03", shard = "01", replica = "02", http_port = 18125, native_port = 19002 },
    { name = "clickhouse-04", shard = "02", replica = "02", http_port = 18126, native_port = 19003 },
  ]
}

run "the_usual_platform_has_every_component_but_storage" {
  command = plan
  assert {
    condition = toset(keys(output.containers)) == toset([
      "clickhouse-01", "clickhouse-02", "clickhouse-03", "clickhouse-04",
      "clickhouse-keeper-01", "clickhouse-keeper-02", "clickhouse-keeper-03",
      "postgres", "redis", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor",
      "airflow-triggerer", "airflow-worker", "airflow-flower",
    ])
    error_message = "Expected nodes, Keepers, PostgreSQL, Redis and Airflow, found ${join(", ", keys(output.containers))}."
  }
  assert {
    condition     = alltrue([for component, name in output.containers : name == "provehouse-demo-${component}"])
    error_message = "Expected every container to be called provehouse-demo-<component>."
  }
  assert {
    condition = toset(output.networks) == toset([
      "provehouse-demo-clickhouse", "provehouse-demo-postgres", "provehouse-demo-redis", "provehouse-demo-airflow",
    ])
    error_message = "Expected a network for each module that runs, found ${join(", ", output.networks)}."
  }
}

run "a_platform_with_everything" {
  command = plan
  variables {
    storage_type = "s3_ssd"
    modules      = ["kafka", "storage", "api", "monitoring", "superset", "metabase"]
    ports = {
      postgres = 20001, redis = 20002, airflow = 20003, flower = 20004, storage = 20005, storage_console = 20006,
      kafka    = 20007, api = 20008, prometheus = 20009, alertmanager = 20010, grafana = 20011,
      superset = 20012, metabase = 20013
    }
    memory_limits = {
      clickhouse = 2001, keeper = 2002, postgres = 2003, redis = 2004, airflow = 2005, storage = 2006,
      kafka      = 2007, api = 2008, prometheus = 2009, alertmanager = 2010, exporter = 2011,
      grafana    = 2012, superset = 2013, metabase = 2014
    }
  }
  assert {
    condition = alltrue([
      for component, made in merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      ) :
      { for label in made.labels : label.label => label.value if label.label != "org.provehouse.kind" } == {
        "org.provehouse.platform"  = "demo"
        "org.provehouse.component" = component
      } && length(made.labels) == 3
    ])
    error_message = "Expected platform, component and kind as labels."
  }
  assert {
    condition = alltrue([
      for made in merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      ) :
      length(made.healthcheck) == 1 && made.restart == "unless-stopped"
    ])
    error_message = "Expected a health check and a restart policy."
  }
  assert {
    condition = alltrue([
      for made in merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      ) :
      alltrue([for port in made.ports : port.ip == "127.0.0.1"])
    ])
    error_message = "Expected ports of 127.0.0.1 only."
  }
  assert {
    condition = alltrue([
      for made in merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      ) :
      one(made.capabilities).drop == toset(["ALL"]) && contains(made.security_opts, "no-new-privileges:true")
    ])
    error_message = "Expected no capability and no way to new privileges."
  }
  assert {
    condition = toset([
      for component, made in merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      ) :
      component if startswith(made.user, "0:")
    ]) == toset(["minio"])
    error_message = "Expected no root but in MinIO, whose image has no other user."
  }
  assert {
    condition = alltrue([
      for made in merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      ) :
      made.memory == made.memory_swap && made.log_opts["max-size"] == "10m"
    ])
    error_message = "Expected limits of memory and of logs."
  }
  assert {
    condition = alltrue([
      for made in module.airflow.containers : toset([for joined in made.networks_advanced : joined.name]) == toset([
        "provehouse-demo-airflow", "provehouse-demo-clickhouse", "provehouse-demo-postgres", "provehouse-demo-redis",
        "provehouse-demo-kafka", "provehouse-demo-minio", "provehouse-demo-api",
      ])
    ])
    error_message = "Expected Airflow in its own network and those of all that tasks use."
  }
  assert {
    condition = alltrue([
      for component, made in merge(
        module.postgres.containers, module.redis.containers, module.minio.containers, module.kafka.containers,
        module.api.containers,
      ) :
      [for joined in made.networks_advanced : joined.name] == ["provehouse-demo-${component}"]
    ])
    error_message = "Expected PostgreSQL, Redis and the modules in their own networks only."
  }
  assert {
    condition = alltrue(flatten([
      for network in ["provehouse-demo-minio", "provehouse-demo-kafka"] : [
        for component, made in module.clickhouse.containers :
        contains([for joined in made.networks_advanced : joined.name], network) == !strcontains(component, "keeper")
      ]
    ]))
    error_message = "Expected nodes, and no Keeper, in the networks of MinIO and Kafka."
  }
  assert {
    condition     = module.minio.containers.minio.command == tolist(["clickhouse", "clickhouse-backups"])
    error_message = "Expected one bucket for data and one for backups."
  }
  assert {
    condition = {
      for component, made in merge(
        module.postgres.containers, module.redis.containers, module.airflow.containers, module.minio.containers,
        module.kafka.containers, module.api.containers, module.monitoring.containers,
        module.superset.containers, module.metabase.containers,
      ) :
      component => join(" ", sort([for port in made.ports : "${port.external}:${port.internal}"]))
      if length(made.ports) > 0
      } == {
      postgres           = "20001:5432"
      redis              = "20002:6379"
      airflow-api-server = "20003:8080"
      airflow-flower     = "20004:5555"
      minio              = "20005:9000 20006:9001"
      kafka              = "20007:9094"
      api                = "20008:8090"
      prometheus         = "20009:9090"
      alertmanager       = "20010:9093"
      grafana            = "20011:3000"
      superset           = "20012:8088"
      metabase           = "20013:3000"
    }
    error_message = "Expected every port to lead to its component."
  }
  assert {
    condition = {
      for component, addresses in output.addresses : component => { for port, address in addresses : port => address }
      } == {
      clickhouse-01        = { "8123" = "127.0.0.1:18123", "9000" = "127.0.0.1:19000" }
      clickhouse-02        = { "8123" = "127.0.0.1:18124", "9000" = "127.0.0.1:19001" }
      clickhouse-03        = { "8123" = "127.0.0.1:18125", "9000" = "127.0.0.1:19002" }
      clickhouse-04        = { "8123" = "127.0.0.1:18126", "9000" = "127.0.0.1:19003" }
      clickhouse-keeper-01 = { "9181" = "127.0.0.1:9181" }
      clickhouse-keeper-02 = { "9181" = "127.0.0.1:9182" }
      clickhouse-keeper-03 = { "9181" = "127.0.0.1:9183" }
      postgres             = { "5432" = "127.0.0.1:20001" }
      redis                = { "6379" = "127.0.0.1:20002" }
      airflow-api-server   = { "8080" = "127.0.0.1:20003" }
      airflow-flower       = { "5555" = "127.0.0.1:20004" }
      minio                = { "9000" = "127.0.0.1:20005", "9001" = "127.0.0.1:20006" }
      kafka                = { "9094" = "127.0.0.1:20007" }
      api                  = { "8090" = "127.0.0.1:20008" }
      prometheus           = { "9090" = "127.0.0.1:20009" }
      alertmanager         = { "9093" = "127.0.0.1:20010" }
      grafana              = { "3000" = "127.0.0.1:20011" }
      superset             = { "8088" = "127.0.0.1:20012" }
      metabase             = { "3000" = "127.0.0.1:20013" }
    }
    error_message = "Expected the address of every port, found ${jsonencode(output.addresses)}."
  }
  assert {
    condition = output.urls == {
      clickhouse-01 = "http://127.0.0.1:18123"
      clickhouse-02 = "http://127.0.0.1:18124"
      clickhouse-03 = "http://127.0.0.1:18125"
      clickhouse-04 = "http://127.0.0.1:18126"
      airflow       = "http://127.0.0.1:20003"
      flower        = "http://127.0.0.1:20004"
      minio         = "http://127.0.0.1:20005"
      minio_console = "http://127.0.0.1:20006"
      api           = "http://127.0.0.1:20008"
      prometheus    = "http://127.0.0.1:20009"
      alertmanager  = "http://127.0.0.1:20010"
      grafana       = "http://127.0.0.1:20011"
      superset      = "http://127.0.0.1:20012"
      metabase      = "http://127.0.0.1:20013"
    }
    error_message = "Expected a URL for each node, Airflow, Flower, MinIO, the API, Prometheus, Alertmanager, Grafana, Superset and Metabase, found ${jsonencode(output.urls)}."
  }
  assert {
    condition = {
      for component in [
        "clickhouse-01", "clickhouse-keeper-01", "postgres", "redis", "airflow-worker", "minio", "kafka", "api",
        "prometheus", "alertmanager", "grafana", "superset", "metabase", "postgres-exporter", "redis-exporter",
        "statsd-exporter", "verdict-exporter",
      ] :
      component => merge(
        module.clickhouse.containers, module.postgres.containers, module.redis.containers,
        module.airflow.containers, module.minio.containers, module.kafka.containers, module.api.containers,
        module.monitoring.containers, module.superset.containers, module.metabase.containers,
      )[component].memory
      } == {
      clickhouse-01        = 2001
      clickhouse-keeper-01 = 2002
      postgres             = 2003
      redis                = 2004
      airflow-worker       = 2005
      minio                = 2006
      kafka                = 2007
      api                  = 2008
      prometheus           = 2009
      alertmanager         = 2010
      postgres-exporter    = 2011
      redis-exporter       = 2011
      statsd-exporter      = 2011
      verdict-exporter     = 2011
      grafana              = 2012
      superset             = 2013
      metabase             = 2014
    }
    error_message = "Expected every limit at its component."
  }
}

run "grafana_is_left_out_where_its_image_cannot_be_had_and_the_rest_of_monitoring_is_there" {
  command = plan
  variables {
    modules        = ["monitoring"]
    enable_airflow = false
    enable_grafana = false
  }
  assert {
    condition     = keys(module.monitoring.containers) == ["alertmanager", "prometheus", "verdict-exporter"] && !contains(keys(output.urls), "grafana")
    error_message = "Expected Prometheus, Alertmanager and what serves verdicts, found ${join(", ", keys(module.monitoring.containers))}."
  }
}

run "where_airflow_sends_no_metrics_nothing_takes_them_and_the_rest_of_monitoring_is_there" {
  command = plan
  variables {
    modules                = ["monitoring"]
    enable_statsd_exporter = false
  }
  assert {
    condition     = keys(module.monitoring.containers) == ["alertmanager", "grafana", "postgres-exporter", "prometheus", "redis-exporter", "verdict-exporter"]
    error_message = "Expected all but the StatsD exporter, found ${join(", ", keys(module.monitoring.containers))}."
  }
}

run "without_airflow_there_are_nodes_and_keepers_in_their_own_network" {
  command = plan
  variables {
    enable_airflow = false
  }
  assert {
    condition = toset(keys(output.containers)) == toset([
      "clickhouse-01", "clickhouse-02", "clickhouse-03", "clickhouse-04",
      "clickhouse-keeper-01", "clickhouse-keeper-02", "clickhouse-keeper-03",
    ])
    error_message = "Expected nodes and Keepers, found ${join(", ", keys(output.containers))}."
  }
  assert {
    condition     = output.networks == tolist(["provehouse-demo-clickhouse"])
    error_message = "Expected one network, found ${join(", ", output.networks)}."
  }
  assert {
    condition = alltrue([
      for made in module.clickhouse.containers :
      [for joined in made.networks_advanced : joined.name] == ["provehouse-demo-clickhouse"]
    ])
    error_message = "Expected nodes in no other network."
  }
}

run "superset_brings_its_database_without_airflow" {
  command = plan
  variables {
    enable_airflow = false
    modules        = ["superset"]
  }
  assert {
    condition     = module.postgres.consumers == toset(["superset"])
    error_message = "Expected a database of Superset alone, found ${join(", ", module.postgres.consumers)}."
  }
  assert {
    condition = toset([for joined in module.superset.containers.superset.networks_advanced : joined.name]) == toset([
      "provehouse-demo-superset", "provehouse-demo-postgres", "provehouse-demo-clickhouse",
    ])
    error_message = "Expected Superset in its own network and those of its database and the nodes."
  }
  assert {
    condition     = !contains(keys(output.containers), "redis")
    error_message = "Expected PostgreSQL without Redis."
  }
}

run "metabase_brings_its_database_without_airflow" {
  command = plan
  variables {
    enable_airflow = false
    modules        = ["metabase"]
  }
  assert {
    condition     = module.postgres.consumers == toset(["metabase"])
    error_message = "Expected a database of Metabase alone, found ${join(", ", module.postgres.consumers)}."
  }
  assert {
    condition = toset([for joined in module.metabase.containers.metabase.networks_advanced : joined.name]) == toset([
      "provehouse-demo-metabase", "provehouse-demo-postgres", "provehouse-demo-clickhouse",
    ])
    error_message = "Expected Metabase in its own network and those of its database and the nodes."
  }
}

run "metabase_is_left_out_where_its_image_cannot_be_had_with_its_database" {
  command = plan
  variables {
    enable_airflow  = false
    enable_metabase = false
    modules         = ["metabase"]
  }
  assert {
    condition = (
      length(module.metabase.containers) == 0 && !contains(keys(output.urls), "metabase")
      && !contains(keys(output.containers), "postgres")
    )
    error_message = "Expected nodes alone, found ${join(", ", keys(output.containers))}."
  }
}

run "without_airflow_a_bucket_leaves_tables_where_they_are_and_consumers_bring_postgresql" {
  command = plan
  variables {
    enable_airflow     = false
    modules            = ["storage"]
    postgres_consumers = ["metabase", "superset"]
  }
  assert {
    condition     = contains(keys(output.containers), "minio") && !contains(keys(output.containers), "kafka")
    error_message = "Expected MinIO and no other module, found ${join(", ", keys(output.containers))}."
  }
  assert {
    condition     = module.postgres.consumers == toset(["metabase", "superset"])
    error_message = "Expected databases of Metabase and Superset, found ${join(", ", module.postgres.consumers)}."
  }
  assert {
    condition     = contains(keys(output.containers), "postgres") && !contains(keys(output.containers), "redis")
    error_message = "Expected PostgreSQL without Redis."
  }
}

# To plan everything takes longer than to look at it: what does not depend on each other is in one run.
run "workers_a_consumer_a_bucket_for_backups_and_chosen_images_are_added_to_the_usual_platform" {
  command = plan
  variables {
    storage_type       = "local_ssd_backup"
    airflow_workers    = 3
    postgres_consumers = ["superset"]
    images = {
      redis = "registry.example:5000/valkey/valkey:9.1.2"
      minio = "pgsty/minio@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
  }
  assert {
    condition = alltrue([
      for component, made in module.clickhouse.containers :
      contains([for joined in made.networks_advanced : joined.name], "provehouse-demo-minio") == !strcontains(component, "keeper")
    ])
    error_message = "Expected nodes, and no Keeper, in MinIO's network."
  }
  assert {
    condition = toset([for component in keys(output.containers) : component if strcontains(component, "worker")]) == toset([
      "airflow-worker", "airflow-worker-02", "airflow-worker-03",
    ])
    error_message = "Expected three workers."
  }
  assert {
    condition     = module.postgres.consumers == toset(["airflow", "superset"])
    error_message = "Expected databases of Airflow and Superset, found ${join(", ", module.postgres.consumers)}."
  }
  assert {
    condition     = local.images.redis == "registry.example:5000/valkey/valkey:9.1.2"
    error_message = "Expected the image that was said, found ${local.images.redis}."
  }
  assert {
    condition     = local.images.postgres == jsondecode(file("images.json")).postgres
    error_message = "Expected the image of images.json, found ${local.images.postgres}."
  }
  assert {
    condition     = length(output.containers) == 18
    error_message = "Expected the usual platform, two more workers and MinIO, found ${length(output.containers)} containers."
  }
}

run "what_a_variable_refuses_is_not_planned" {
  command = plan
  variables {
    name = "Demo"
  }
  expect_failures = [var.name]
}

run "a_configuration_folder_counts_from_where_terraform_runs" {
  command = plan
  variables {
    config_folder    = "tests/fixtures/config-of-nodes"
    enable_airflow   = false
    storage_type     = "s3_ssd"
    clickhouse_nodes = [var.clickhouse_nodes[0]]
    keepers          = []
  }
  assert {
    condition     = keys(output.urls) == ["clickhouse-01", "minio", "minio_console"]
    error_message = "Expected one node and MinIO, found ${join(", ", keys(output.urls))}."
  }
}

run "before_it_is_stopped" {
  variables {
    storage_type = "s3_ssd"
    modules      = ["kafka", "api"]
  }
  assert {
    condition     = length(output.containers) == 18 && length(output.networks) == 7
    error_message = "Expected everything to be there."
  }
}

run "a_platform_that_is_stopped_keeps_its_volumes_only" {
  variables {
    storage_type = "s3_ssd"
    running      = false
  }
  assert {
    condition     = length(output.containers) == 0 && length(output.networks) == 0 && length(output.addresses) == 0
    error_message = "Expected no container, no network and no address."
  }
  assert {
    condition = toset(output.volumes) == toset(concat(
      [for node in var.clickhouse_nodes : "provehouse-demo-${node.name}-data"],
      [for number in [1, 2, 3] : "provehouse-demo-clickhouse-keeper-0${number}-data"],
      [for rest in ["postgres-data", "postgres-socket", "redis-data", "airflow-logs", "minio-data", "kafka-data", "prometheus-data", "alertmanager-data", "grafana-data", "superset-home"] : "provehouse-demo-${rest}"],
    ))
    error_message = "Expected a volume of each component that keeps something, found ${join(", ", output.volumes)}."
  }
}

run "verdicts_go_through_a_folder_that_workers_write_and_an_exporter_reads" {
  command = plan
  variables {
    modules     = ["monitoring"]
    node_folder = "/srv/node"
    data_folder = "/srv/data"
  }
  assert {
    condition = {
      for volume in concat(
        tolist(module.airflow.containers.airflow-worker.volumes), tolist(module.monitoring.containers["verdict-exporter"].volumes),
      ) : volume.container_path => volume.host_path if volume.host_path != null
      } == {
      "/opt/airflow/dags"           = abspath("tests/fixtures/dags")
      "/opt/provehouse/node"        = "/srv/node"
      "/opt/airflow/quality-report" = "/srv/data/quality-report"
      "/opt/provehouse/verdicts"    = "/srv/data/verdicts"
      "/verdicts"                   = "/srv/data/verdicts"
    }
    error_message = "Expected one folder of verdicts for both, and reports beside it."
  }
}

run "without_monitoring_the_checks_run_and_leave_no_verdicts" {
  command = plan
  variables {
    node_folder = "/srv/node"
  }
  assert {
    condition = toset([for volume in module.airflow.containers.airflow-worker.volumes : volume.container_path]) == toset([
      "/opt/airflow/dags", "/opt/airflow/logs", "/opt/airflow/quality-report", "/opt/provehouse/node",
    ])
    error_message = "Expected what runs the checks, and no folder of verdicts."
  }
}
