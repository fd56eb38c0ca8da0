locals {
  is_job = var.health == null
  # As the engine gives it back; another form of the same time would look changed at every plan.
  start        = try(var.health.start, 0)
  start_period = local.start < 60 ? "${local.start}s" : "${floor(local.start / 60)}m${local.start % 60}s"
  # A healthy component is asked less often than one that starts.
  health_script = file("${path.module}/health-check.sh")
  health_words = local.is_job ? [] : flatten([
    var.health.test[0] == "CMD-SHELL" ? ["sh", "-c"] : [],
    slice(var.health.test, 1, length(var.health.test)),
  ])
  job_failed = "The job ${var.component} ended (docker logs provehouse-${var.platform}-${var.component}) with code"
}

resource "docker_container" "this" {
  name       = "provehouse-${var.platform}-${var.component}"
  hostname   = var.component
  image      = var.image_id
  user       = var.user
  command    = length(var.command) > 0 ? var.command : null
  entrypoint = length(var.entrypoint) > 0 ? var.entrypoint : null
  env        = [for name, value in var.environment : "${name}=${value}"]
  init       = true

  restart               = local.is_job ? "no" : "unless-stopped"
  must_run              = !local.is_job
  attach                = local.is_job
  wait                  = !local.is_job
  wait_timeout          = 300
  stop_signal           = var.stop.signal
  stop_timeout          = var.stop.seconds
  destroy_grace_seconds = var.stop.seconds

  memory      = var.memory_mib
  memory_swap = var.memory_mib

  security_opts = ["no-new-privileges:true"]
  capabilities {
    drop = ["ALL"]
  }

  log_driver = "json-file"
  log_opts = {
    max-size = "10m"
    max-file = "3"
  }

  dynamic "labels" {
    for_each = {
      "org.provehouse.platform"  = var.platform
      "org.provehouse.component" = var.component
      "org.provehouse.kind"      = var.kind
    }
    content {
      label = labels.key
      value = labels.value
    }
  }

  dynamic "networks_advanced" {
    for_each = toset(var.networks)
    content {
      name    = networks_advanced.value
      aliases = [var.component]
    }
  }

  dynamic "ports" {
    for_each = var.ports
    content {
      internal = tonumber(ports.key)
      external = ports.value
      ip       = "127.0.0.1"
    }
  }

  dynamic "volumes" {
    for_each = var.volumes
    content {
      volume_name    = volumes.value
      container_path = volumes.key
    }
  }

  dynamic "volumes" {
    for_each = var.folders
    content {
      host_path      = volumes.value
      container_path = volumes.key
      read_only      = true
    }
  }

  dynamic "volumes" {
    for_each = var.written_folders
    content {
      host_path      = volumes.value
      container_path = volumes.key
    }
  }

  # Where an image declares a volume and nothing is kept: otherwise the engine makes one without a name.
  tmpfs = { for path in var.unkept : path => "" }

  dynamic "ulimit" {
    for_each = var.open_files == null ? [] : [var.open_files]
    content {
      name = "nofile"
      soft = ulimit.value
      hard = ulimit.value
    }
  }

  # Files belong to root, because older engines look an owner up among the users of this machine; nobody
  # but the component is in the container to read them.
  dynamic "upload" {
    for_each = var.files
    content {
      file        = upload.key
      source      = upload.value
      source_hash = filesha256(upload.value)
      permissions = "0444"
    }
  }

  dynamic "upload" {
    for_each = var.scripts
    content {
      file        = upload.key
      content     = upload.value
      permissions = "0555"
    }
  }

  dynamic "healthcheck" {
    for_each = local.is_job ? [] : [var.health]
    content {
      test = concat(
        ["CMD", "sh", "-c", local.health_script, "health-check"],
        [for seconds in [healthcheck.value.pause, healthcheck.value.timeout] : tostring(seconds)],
        local.health_words,
      )
      interval     = "${healthcheck.value.interval}s"
      timeout      = "${healthcheck.value.pause + healthcheck.value.timeout + 1}s"
      start_period = local.start_period
      retries      = healthcheck.value.retries
    }
  }

  # A job that failed fails the apply and is tainted, so the next apply runs it again; a postcondition would
  # refuse every later plan because of how it ended once.
  provisioner "local-exec" {
    quiet   = true
    command = local.is_job && self.exit_code != 0 ? "echo '${local.job_failed} ${self.exit_code}' >&2; exit 1" : "exit 0"
  }
}
