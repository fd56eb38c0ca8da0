mock_provider "docker" {}

variables {
  platform       = "demo"
  running        = true
  config_folder  = "../../tests/fixtures/config"
  scrapes_flower = true
  image          = "prom/prometheus:v3.16.0"
  port           = 19090
  memory_mib     = 512

  alertmanager_image      = "prom/alertmanager:v0.34.2"
  alertmanager_port       = 19093
  alertmanager_memory_mib = 128

  grafana            = true
  grafana_image      = "grafana/grafana:12.4.10"
  grafana_port       = 13000
  grafana_memory_mib = 512

  networks = ["provehouse-demo-clickhouse", "provehouse-demo-airflow"]

  postgres = {
    image  = "postgres:18.6-trixie", network = "provehouse-demo-postgres"
    socket = "provehouse-demo-postgres-socket", migrate_job = "job-1"
  }
  postgres_exporter_image = "quay.io/prometheuscommunity/postgres-exporter:v0.20.1"
  redis                   = { network = "provehouse-demo-redis" }
  redis_exporter_image    = "oliver006/redis_exporter:v1.88.0-alpine"
  airflow                 = { network = "provehouse-demo-airflow" }
  statsd_exporter_image   = "prom/statsd-exporter:v0.31.0"
  verdict_exporter_image  = "prom/node-exporter:v1.12.1"
  verdicts_folder         = "/srv/verdicts"
  exporter_memory_mib     = 130
}

run "runs_as_the_images_user_within_its_limit" {
  command = plan
  assert {
    condition     = output.containers.prometheus.user == "65534:65534"
    error_message = "Expected 65534:65534, found ${output.containers.prometheus.user}."
  }
  assert {
    condition     = output.containers.prometheus.memory == 512
    error_message = "Expected 512 MiB, found ${output.containers.prometheus.memory}."
  }
}

run "has_the_labels_of_monitoring" {
  command = plan
  assert {
    condition = alltrue([
      for labels in [
        module.network[0].labels, output.containers.prometheus.labels, docker_volume.data.labels,
        output.containers.alertmanager.labels, docker_volume.alertmanager.labels,
        output.containers["postgres-exporter"].labels, output.containers["redis-exporter"].labels,
        output.containers["statsd-exporter"].labels, output.containers["verdict-exporter"].labels,
        output.containers.grafana.labels, docker_volume.grafana.labels,
      ] :
      { for label in labels : label.label => label.value if label.label != "org.provehouse.component" } == {
        "org.provehouse.platform" = "demo"
        "org.provehouse.kind"     = "monitoring"
      }
    ])
    error_message = "Expected platform and kind on container, network and volume."
  }
}

run "is_published_on_its_port_of_the_loopback_address_and_names_that_in_its_links" {
  command = plan
  assert {
    condition = [
      for port in output.containers.prometheus.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:19090:9090"]
    error_message = "Expected 127.0.0.1:19090 to lead to 9090 and nothing else."
  }
  assert {
    condition     = contains(output.containers.prometheus.command, "--web.external-url=http://127.0.0.1:19090")
    error_message = "Expected links to the published port."
  }
}

run "is_in_its_own_network_and_in_those_of_its_targets" {
  command = plan
  assert {
    condition = toset([for joined in output.containers.prometheus.networks_advanced : joined.name]) == toset([
      "provehouse-demo-monitoring", "provehouse-demo-clickhouse", "provehouse-demo-airflow",
    ])
    error_message = "Expected its own network and those of nodes and Airflow."
  }
}

run "what_it_has_kept_is_in_a_volume" {
  command = plan
  assert {
    condition = [
      for volume in output.containers.prometheus.volumes : "${volume.volume_name}:${volume.container_path}"
    ] == ["provehouse-demo-prometheus-data:/prometheus"]
    error_message = "Expected its data in its volume."
  }
}

run "passwords_are_files_and_that_of_flower_is_there_where_flower_is" {
  command = plan
  assert {
    condition = toset([for file in output.containers.prometheus.upload : file.file]) == toset([
      "/etc/provehouse/prometheus.yml", "/etc/provehouse/alerts.yml",
      "/etc/provehouse/clickhouse.password", "/etc/provehouse/flower.password",
      "/etc/provehouse/alertmanager.password",
    ])
    error_message = "Expected configuration, rules and three passwords."
  }
}

run "without_airflow_no_password_of_flower_is_needed" {
  command = plan
  variables {
    scrapes_flower = false
    networks       = ["provehouse-demo-clickhouse"]
  }
  assert {
    condition = !contains(
      [for file in output.containers.prometheus.upload : file.file], "/etc/provehouse/flower.password",
    )
    error_message = "Expected no password of Flower."
  }
}

run "when_nothing_runs_the_data_stays" {
  command = plan
  variables {
    running = false
  }
  assert {
    condition     = length(output.containers) == 0 && output.network == null
    error_message = "Expected neither container nor network."
  }
  assert {
    condition = output.volumes == [
      "provehouse-demo-prometheus-data", "provehouse-demo-alertmanager-data", "provehouse-demo-grafana-data",
    ]
    error_message = "Expected the volumes to stay, found ${join(", ", output.volumes)}."
  }
}

run "alertmanager_is_beside_prometheus_alone_on_its_port_of_the_loopback_address" {
  command = plan
  assert {
    condition = [
      for port in output.containers.alertmanager.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:19093:9093"]
    error_message = "Expected 127.0.0.1:19093 to lead to 9093 and nothing else."
  }
  assert {
    condition     = [for joined in output.containers.alertmanager.networks_advanced : joined.name] == ["provehouse-demo-monitoring"]
    error_message = "Expected Alertmanager in the network of monitoring only."
  }
  assert {
    condition     = output.containers.alertmanager.user == "65534:65534" && output.containers.alertmanager.memory == 128
    error_message = "Expected the image's user and 128 MiB."
  }
}

run "what_alertmanager_has_sent_is_in_a_volume" {
  command = plan
  assert {
    condition = [
      for volume in output.containers.alertmanager.volumes : "${volume.volume_name}:${volume.container_path}"
    ] == ["provehouse-demo-alertmanager-data:/alertmanager"]
    error_message = "Expected its data in its volume."
  }
}

run "the_token_is_in_a_file_that_the_state_has_the_hash_of" {
  command = plan
  assert {
    condition = alltrue([
      for file in output.containers.alertmanager.upload :
      try(length(file.source_hash) == 64, false) == (dirname(file.file) == "/etc/provehouse" && !endswith(file.file, ".tmpl"))
    ])
    error_message = "Expected the hash of each rendered file, and text of nothing else but the script and the names."
  }
  assert {
    condition = toset([
      for file in output.containers.alertmanager.upload : file.file if startswith(file.file, "/etc/provehouse/alertmanager")
      ]) == toset([
      "/etc/provehouse/alertmanager.yml", "/etc/provehouse/alertmanager-web.yml", "/etc/provehouse/alertmanager.password",
    ])
    error_message = "Expected its configuration, its logins and the password."
  }
}

run "messages_name_the_platform_and_the_port_of_prometheus" {
  command = plan
  assert {
    condition = anytrue([
      for file in output.containers.alertmanager.upload :
      strcontains(coalesce(file.content, "none"), "}}demo{{") && strcontains(file.content, "http://127.0.0.1:19090/alerts")
      if file.file == "/etc/provehouse/platform.tmpl"
    ])
    error_message = "Expected the platform's name and the address of its alerts."
  }
}

run "one_port_for_both_is_refused" {
  command = plan
  variables {
    alertmanager_port = 19090
  }
  expect_failures = [var.alertmanager_port]
}

run "an_exporter_is_in_the_network_of_what_it_asks_and_published_nowhere" {
  command = plan
  assert {
    condition = {
      for name in ["postgres", "redis", "statsd"] :
      name => toset([for joined in output.containers["${name}-exporter"].networks_advanced : joined.name])
      } == {
      for name, network in { postgres = "postgres", redis = "redis", statsd = "airflow" } :
      name => toset(["provehouse-demo-monitoring", "provehouse-demo-${network}"])
    }
    error_message = "Expected each exporter in the network of monitoring and in that of what it is about."
  }
  assert {
    condition = alltrue([
      for name in ["postgres", "redis", "statsd"] :
      length(output.containers["${name}-exporter"].ports) == 0 && output.containers["${name}-exporter"].memory == 130
    ])
    error_message = "Expected no published port and 130 MiB."
  }
}

run "passwords_of_the_exporters_are_files_that_the_state_has_the_hash_of" {
  command = plan
  assert {
    condition = toset(flatten([
      for made in [
        output.containers["postgres-exporter"], output.containers["redis-exporter"],
        module.postgres_account["monitoring-account"].container,
      ] : [for file in made.upload : file.file if try(length(file.source_hash) == 64, false) && file.content == null]
      ])) == toset([
      "/etc/provehouse/airflow-queries.yml", "/etc/provehouse/postgres.password",
      "/etc/provehouse/redis-passwords.json", "/run/provehouse/postgres-account.sql",
    ])
    error_message = "Expected queries, passwords and the account's SQL as files, and nothing as text."
  }
  assert {
    condition     = !strcontains(jsonencode(output.containers["postgres-exporter"].env), "DATA_SOURCE_PASS=")
    error_message = "Expected the file of the password in the environment, and no password."
  }
}

run "the_account_is_made_by_a_job_that_follows_the_migration" {
  command = plan
  assert {
    condition = (
      module.postgres_account["monitoring-account"].container.restart == "no" &&
      contains(module.postgres_account["monitoring-account"].container.env, "MIGRATE_JOB=job-1")
    )
    error_message = "Expected a job that refers to the migration's."
  }
  assert {
    condition = [
      for volume in module.postgres_account["monitoring-account"].container.volumes : volume.volume_name
    ] == ["provehouse-demo-postgres-socket"]
    error_message = "Expected the server's socket."
  }
}

run "metrics_of_airflow_are_taken_by_udp_alone_and_served_under_the_names_of_a_file" {
  command = plan
  assert {
    condition = toset(output.containers["statsd-exporter"].command) == toset([
      "--statsd.mapping-config=/etc/provehouse/statsd-mapping.yml", "--statsd.listen-udp=:9125", "--statsd.listen-tcp=",
      "--web.listen-address=:9102",
    ])
    error_message = "Expected the port 9125 for datagrams and 9102 for Prometheus."
  }
  assert {
    condition = [
      for file in output.containers["statsd-exporter"].upload : file.file
    ] == ["/etc/provehouse/statsd-mapping.yml"]
    error_message = "Expected the mapping as a file."
  }
}

run "where_airflow_sends_nothing_there_is_nothing_that_takes_it" {
  command = plan
  variables {
    airflow               = null
    statsd_exporter_image = null
  }
  assert {
    condition     = !contains(keys(output.containers), "statsd-exporter") && output.statsd_exporter == null
    error_message = "Expected no StatsD exporter."
  }
  assert {
    condition     = length(setsubtract(["postgres-exporter", "redis-exporter"], keys(output.containers))) == 0
    error_message = "Expected the other exporters, found ${join(", ", keys(output.containers))}."
  }
}

run "without_airflow_there_are_no_exporters_but_that_of_verdicts" {
  command = plan
  variables {
    postgres              = null
    redis                 = null
    redis_exporter_image  = null
    airflow               = null
    statsd_exporter_image = null
  }
  assert {
    condition     = toset(keys(output.containers)) == toset(["prometheus", "alertmanager", "grafana", "verdict-exporter"])
    error_message = "Expected Prometheus, Alertmanager, Grafana and what serves verdicts alone, found ${join(", ", keys(output.containers))}."
  }
}

run "an_exporter_without_an_image_is_refused" {
  command = plan
  variables {
    postgres_exporter_image = null
    redis_exporter_image    = null
    statsd_exporter_image   = null
  }
  expect_failures = [var.postgres_exporter_image, var.redis_exporter_image, var.statsd_exporter_image]
}

run "verdicts_are_read_from_a_folder_and_nothing_else_of_the_machine" {
  command = plan
  assert {
    condition = {
      for volume in output.containers["verdict-exporter"].volumes : volume.container_path =>
      "${volume.host_path} ${coalesce(volume.read_only, false)}"
    } == { "/verdicts" = "/srv/verdicts true" }
    error_message = "Expected the folder of verdicts, to be read only."
  }
  assert {
    condition = slice(output.containers["verdict-exporter"].command, 0, 3) == tolist([
      "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory=/verdicts",
    ])
    error_message = "Expected the collector of text files alone."
  }
  assert {
    condition = (
      [for joined in output.containers["verdict-exporter"].networks_advanced : joined.name] == ["provehouse-demo-monitoring"]
      && length(output.containers["verdict-exporter"].ports) == 0
      && output.containers["verdict-exporter"].memory == 130
      && output.containers["verdict-exporter"].user == "65534:65534"
    )
    error_message = "Expected it beside Prometheus alone, published nowhere, within its limit."
  }
}
