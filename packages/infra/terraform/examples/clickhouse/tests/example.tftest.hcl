mock_provider "docker" {}

variables {
  config_folder = "../../tests/fixtures/config"
}

run "gives_the_network_that_others_join" {
  command = plan
  assert {
    condition     = output.network == "provehouse-example-clickhouse"
    error_message = "Expected provehouse-example-clickhouse, found ${output.network}."
  }
}
