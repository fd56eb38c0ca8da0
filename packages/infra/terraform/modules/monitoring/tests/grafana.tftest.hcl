mock_provider "docker" {}

variables {
  platform       = "demo"
  running        = true
  config_folder  = "../../tests/fixtures/config"
  scrapes_flower = false
  image          = "prom/prometheus:v3.16.0"
  port           = 19090
  memory_mib     = 512
  networks       = ["provehouse-demo-clickhouse"]

  verdict_exporter_image = "prom/node-exporter:v1.12.1"
  verdicts_folder        = "/srv/verdicts"

  alertmanager_image      = "prom/alertmanager:v0.34.2"
  alertmanager_port       = 19093
  alertmanager_memory_mib = 128

  grafana            = true
  grafana_image      = "grafana/grafana:12.4.10"
  grafana_port       = 13000
  grafana_memory_mib = 512
}

run "is_beside_prometheus_alone_on_its_port_of_the_loopback_address_and_names_that_in_its_links" {
  command = plan
  assert {
    condition = [
      for port in output.containers.grafana.ports : "${port.ip}:${port.external}:${port.internal}"
    ] == ["127.0.0.1:13000:3000"]
    error_message = "Expected 127.0.0.1:13000 to lead to 3000 and nothing else."
  }
  assert {
    condition     = [for joined in output.containers.grafana.networks_advanced : joined.name] == ["provehouse-demo-monitoring"]
    error_message = "Expected Grafana in the network of monitoring only."
  }
  assert {
    condition     = contains(output.containers.grafana.env, "GF_SERVER_ROOT_URL=http://127.0.0.1:13000/")
    error_message = "Expected links to the published port."
  }
  assert {
    condition     = output.containers.grafana.user == "472:0" && output.containers.grafana.memory == 512
    error_message = "Expected the image's user and 512 MiB."
  }
}

run "what_people_make_is_in_a_volume" {
  command = plan
  assert {
    condition = [
      for volume in output.containers.grafana.volumes : "${volume.volume_name}:${volume.container_path}"
    ] == ["provehouse-demo-grafana-data:/var/lib/grafana"]
    error_message = "Expected its data in its volume."
  }
}

run "the_administrator_is_in_files_that_the_state_has_the_hash_of" {
  command = plan
  assert {
    condition = alltrue([
      for setting in ["USER=$__file{/etc/provehouse/admin.user}", "PASSWORD=$__file{/etc/provehouse/admin.password}", "EMAIL=$__file{/etc/provehouse/admin.email}"] :
      contains(output.containers.grafana.env, "GF_SECURITY_ADMIN_${setting}")
    ])
    error_message = "Expected the files' names in the environment, and not what is in them."
  }
  assert {
    condition = alltrue([
      for file in output.containers.grafana.upload :
      try(length(file.source_hash) == 64, false) == (file.file != "/usr/local/bin/provehouse-grafana")
    ])
    error_message = "Expected the hash of each rendered file, and text of nothing else but the script."
  }
}

run "data_source_and_every_dashboard_are_where_it_looks_for_them" {
  command = plan
  assert {
    condition = toset([for file in output.containers.grafana.upload : file.file]) == toset([
      "/etc/provehouse/admin.user", "/etc/provehouse/admin.password", "/etc/provehouse/admin.email",
      "/etc/grafana/provisioning/datasources/provehouse.yml", "/etc/grafana/provisioning/dashboards/provehouse.yml",
      "/etc/provehouse/dashboards/provehouse-clickhouse.json", "/etc/provehouse/dashboards/provehouse-airflow.json",
      "/usr/local/bin/provehouse-grafana",
    ])
    error_message = "Expected the administrator, what is provisioned, and the dashboards of the folder."
  }
}

run "it_calls_nobody_and_nobody_comes_in_without_an_account" {
  command = plan
  assert {
    condition = length(setsubtract([
      "GF_AUTH_ANONYMOUS_ENABLED=false", "GF_USERS_ALLOW_SIGN_UP=false",
      "GF_ANALYTICS_REPORTING_ENABLED=false", "GF_ANALYTICS_CHECK_FOR_UPDATES=false",
      "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false", "GF_NEWS_NEWS_FEED_ENABLED=false",
      "GF_SECURITY_DISABLE_GRAVATAR=true", "GF_PLUGINS_PREINSTALL_DISABLED=true",
      "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED=true",
    ], output.containers.grafana.env)) == 0
    error_message = "Expected all of it off, found ${join(", ", output.containers.grafana.env)}."
  }
}

run "without_its_image_prometheus_and_alertmanager_are_there_and_its_volume_stays" {
  command = plan
  variables {
    grafana = false
  }
  assert {
    condition     = keys(output.containers) == ["alertmanager", "prometheus", "verdict-exporter"]
    error_message = "Expected no Grafana, found ${join(", ", keys(output.containers))}."
  }
  assert {
    condition     = contains(output.volumes, "provehouse-demo-grafana-data")
    error_message = "Expected its volume to stay."
  }
}

run "the_port_of_another_one_is_refused" {
  command = plan
  variables {
    grafana_port = 19093
  }
  expect_failures = [var.grafana_port]
}
