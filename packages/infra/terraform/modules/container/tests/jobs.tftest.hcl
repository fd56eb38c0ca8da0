mock_provider "docker" {}

variables {
  platform   = "demo"
  component  = "postgres-accounts"
  kind       = "postgres"
  image_id   = "sha256:0000"
  user       = "999:999"
  memory_mib = 512
  networks   = ["provehouse-demo-postgres"]
}

run "a_job_that_ended_well_is_accepted" {
  override_resource {
    target = docker_container.this
    values = { exit_code = 0 }
  }
  assert {
    condition     = output.name == "provehouse-demo-postgres-accounts"
    error_message = "Expected the job's name, found ${output.name}."
  }
}
