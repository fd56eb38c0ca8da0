variable "name" {
  description = "Name of the platform; everything in the engine is called after it."
  type        = string
  default     = "local"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,31}$", var.name))
    error_message = "name: expected 1 to 32 lower-case letters, digits and dashes, because names of containers and networks are made of it."
  }
}

variable "config_folder" {
  description = "Folder with the rendered configuration and the passwords; a relative one counts from where Terraform runs."
  type        = string
  default     = "config"
  nullable    = false

  validation {
    condition     = !var.running || alltrue([for file in local.expected_files : fileexists("${var.config_folder}/${file}")])
    error_message = "config_folder: expected the files that containers are given, found ${length([for file in local.expected_files : file if !fileexists("${var.config_folder}/${file}")])} of ${length(local.expected_files)} missing in ${abspath(var.config_folder)}, such as ${concat([for file in local.expected_files : file if !fileexists("${var.config_folder}/${file}")], ["none"])[0]}. ${local.render_hint}"
  }

  validation {
    condition     = !var.running || try(jsondecode(file("${var.config_folder}/rendered.json")).storage_type, var.storage_type) == var.storage_type
    error_message = "config_folder: expected files that were rendered for the storage type ${var.storage_type}, because the nodes' disks are in them, found those for another one. ${local.render_hint}"
  }
}

variable "dags_folder" {
  description = "Folder with the DAG files; a relative one counts from where Terraform runs."
  type        = string
  default     = "../../etl-dags/dags"
  nullable    = false

  validation {
    condition     = var.dags_folder != ""
    error_message = "dags_folder: expected a path, because the engine mounts it."
  }
}

variable "data_folder" {
  description = "Folder of this machine that containers leave files for others in: `quality-report` and, with the module monitoring, `verdicts`, which every user in a container may write to; a relative one counts from where Terraform runs."
  type        = string
  default     = "data"
  nullable    = false

  validation {
    condition     = var.data_folder != ""
    error_message = "data_folder: expected a path, because the engine mounts folders of it."
  }
}

variable "node_folder" {
  description = "Folder of this machine with Node.js 22.5 or later for Linux, as a program `node`: Airflow's workers run the checks with it for the DAG quality_report. Null without: then the DAG is skipped."
  type        = string
  default     = null
}

variable "running" {
  description = "False removes containers and networks and keeps the volumes with the data."
  type        = bool
  default     = true
  nullable    = false
}

variable "clickhouse_nodes" {
  description = "ClickHouse nodes: name, place in the cluster, and the ports of this machine that lead to them."
  type = list(object({
    name        = string
    shard       = string
    replica     = string
    http_port   = number
    native_port = number
  }))
  default = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 8123, native_port = 9000 },
    { name = "clickhouse-02", shard = "02", replica = "01", http_port = 8124, native_port = 9001 },
    { name = "clickhouse-03", shard = "01", replica = "02", http_port = 8125, native_port = 9002 },
    { name = "clickhouse-04", shard = "02", replica = "02", http_port = 8126, native_port = 9003 },
  ]
  nullable = false

  validation {
    condition     = length(var.clickhouse_nodes) > 0
    error_message = "clickhouse_nodes: expected at least one node, because there is no cluster without."
  }

  validation {
    condition     = alltrue([for node in var.clickhouse_nodes : can(regex("^clickhouse-\\d{2,}$", node.name))])
    error_message = "clickhouse_nodes: expected names such as \"clickhouse-01\", because a container, a volume and a health check are made of each, and other components have the other names."
  }

  validation {
    condition     = length(distinct(var.clickhouse_nodes[*].name)) == length(var.clickhouse_nodes)
    error_message = "clickhouse_nodes: expected every name once, because nodes find each other by it."
  }

  validation {
    condition = length(distinct([
      for node in var.clickhouse_nodes : "${node.shard}/${node.replica}"
    ])) == length(var.clickhouse_nodes)
    error_message = "clickhouse_nodes: expected every shard and replica once, because two nodes with the same macros overwrite each other's replica."
  }

  validation {
    condition = alltrue([
      for node in var.clickhouse_nodes :
      can(regex("^\\d{2}$", node.shard)) && can(regex("^\\d{2}$", node.replica))
    ])
    error_message = "clickhouse_nodes: expected shard and replica as two digits, such as \"01\", because they are macros in paths."
  }

  validation {
    condition = length(distinct([
      for shard in distinct(var.clickhouse_nodes[*].shard) :
      length([for node in var.clickhouse_nodes : node if node.shard == shard])
    ])) <= 1
    error_message = "clickhouse_nodes: expected the same number of replicas in every shard, because a shard with fewer is lost sooner."
  }
}

variable "clickhouse_open_files" {
  description = "Limit of open files (nofile) of a node, as ClickHouse asks for; null leaves it to an engine that grants no more than its own."
  type        = number
  default     = 262144
}

variable "keepers" {
  description = "Keepers that coordinate the nodes: name, and the port of this machine that leads to each; none for nodes that cannot replicate."
  type = list(object({
    name        = string
    client_port = number
  }))
  default = [
    { name = "clickhouse-keeper-01", client_port = 9181 },
    { name = "clickhouse-keeper-02", client_port = 9182 },
    { name = "clickhouse-keeper-03", client_port = 9183 },
  ]
  nullable = false

  validation {
    condition     = contains([0, 1, 3, 5, 7], length(var.keepers))
    error_message = "keepers: expected 0, 1, 3, 5 or 7, because an even ensemble survives no more failures than one less."
  }

  validation {
    condition     = alltrue([for keeper in var.keepers : can(regex("^clickhouse-keeper-\\d{2,}$", keeper.name))])
    error_message = "keepers: expected names such as \"clickhouse-keeper-01\", because a container and a volume are made of each, and other components have the other names."
  }

  validation {
    condition     = length(distinct(var.keepers[*].name)) == length(var.keepers)
    error_message = "keepers: expected every name once, because Keepers find each other by it."
  }
}

variable "enable_airflow" {
  description = "Whether there are Airflow, its database and its broker."
  type        = bool
  default     = true
  nullable    = false
}

variable "airflow_workers" {
  description = "How many Celery workers there are."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.airflow_workers >= 1 && var.airflow_workers <= 16 && floor(var.airflow_workers) == var.airflow_workers
    error_message = "airflow_workers: expected a whole number from 1 to 16, because without a worker no task ever runs."
  }
}

variable "storage_type" {
  description = "Where nodes keep their data: local_ssd, s3_ssd (a bucket), local_ssd_backup (local, with backups in a bucket)."
  type        = string
  default     = "local_ssd"
  nullable    = false

  validation {
    condition     = contains(["local_ssd", "s3_ssd", "local_ssd_backup"], var.storage_type)
    error_message = "storage_type: expected local_ssd, s3_ssd or local_ssd_backup, because disks and policies are rendered for these."
  }
}

variable "modules" {
  description = "What there is besides: kafka, storage (a bucket; also where storage_type needs one), api, monitoring, superset, metabase. Nodes and tasks find what is rendered for them."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.modules, ["kafka", "storage", "api", "monitoring", "superset", "metabase"])) == 0
    error_message = "modules: expected kafka, storage, api, monitoring, superset and metabase only, because there are modules for these."
  }
}

variable "enable_grafana" {
  description = "Whether Grafana is a part of the module monitoring; false where its image cannot be had."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_metabase" {
  description = "Whether there is a Metabase where the module metabase is asked for; false where its image cannot be had."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_statsd_exporter" {
  description = "Whether the module monitoring has Airflow's own metrics, where there is Airflow; false where Airflow's image lacks what it sends them with."
  type        = bool
  default     = true
  nullable    = false
}

variable "postgres_consumers" {
  description = "Who gets a database in PostgreSQL besides Airflow."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.postgres_consumers, ["metabase", "superset"])) == 0
    error_message = "postgres_consumers: expected metabase and superset only, because a password is rendered for these; Airflow is added by enable_airflow, and the modules superset and metabase add their own."
  }
}

variable "images" {
  description = "References of images, each with a version or a digest, such as those of a registry of your own; images.json has the others."
  type = object({
    clickhouse        = optional(string)
    keeper            = optional(string)
    postgres          = optional(string)
    redis             = optional(string)
    airflow           = optional(string)
    minio             = optional(string)
    kafka             = optional(string)
    prometheus        = optional(string)
    alertmanager      = optional(string)
    postgres_exporter = optional(string)
    redis_exporter    = optional(string)
    statsd_exporter   = optional(string)
    verdict_exporter  = optional(string)
    grafana           = optional(string)
    superset          = optional(string)
    metabase          = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for image in values(var.images) : image == null || can(regex("^[^@]+:[\\w.-]+$|@sha256:[0-9a-f]{64}$", image))
    ])
    error_message = "images: expected a version or a digest in every reference, because without one another image may run tomorrow."
  }

  validation {
    condition     = alltrue([for image in compact(values(var.images)) : !endswith(image, ":latest")])
    error_message = "images: expected a version instead of latest, because latest is another image tomorrow."
  }

  validation {
    condition     = alltrue([for image in compact(values(var.images)) : !strcontains(image, "distroless")])
    error_message = "images: expected images with a shell, because health checks run in one; found a distroless variant. The usual and the -alpine variants have one."
  }
}

variable "ports" {
  description = "Ports of this machine's loopback address."
  type = object({
    postgres        = optional(number, 5432)
    redis           = optional(number, 6379)
    airflow         = optional(number, 8080)
    flower          = optional(number, 5555)
    storage         = optional(number, 9900)
    storage_console = optional(number, 9901)
    kafka           = optional(number, 9092)
    api             = optional(number, 8090)
    prometheus      = optional(number, 9090)
    alertmanager    = optional(number, 9093)
    grafana         = optional(number, 3000)
    superset        = optional(number, 8088)
    metabase        = optional(number, 3001)
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for port in concat(
        values(var.ports), var.clickhouse_nodes[*].http_port, var.clickhouse_nodes[*].native_port,
        var.keepers[*].client_port
      ) : port >= 1 && port <= 65535 && floor(port) == port
    ])
    error_message = "ports: expected whole numbers from 1 to 65535, because TCP has no others."
  }

  validation {
    condition = length(distinct(concat(
      values(var.ports), var.clickhouse_nodes[*].http_port, var.clickhouse_nodes[*].native_port,
      var.keepers[*].client_port
    ))) == length(var.ports) + 2 * length(var.clickhouse_nodes) + length(var.keepers)
    error_message = "ports: expected every port once, those of nodes and Keepers included, because two containers cannot be published on the same one."
  }
}

variable "memory_limits" {
  description = "Memory limits in MiB."
  type = object({
    clickhouse   = optional(number, 4096)
    keeper       = optional(number, 512)
    postgres     = optional(number, 512)
    redis        = optional(number, 256)
    airflow      = optional(number, 2048)
    storage      = optional(number, 1024)
    kafka        = optional(number, 768)
    api          = optional(number, 256)
    prometheus   = optional(number, 512)
    alertmanager = optional(number, 128)
    exporter     = optional(number, 128)
    grafana      = optional(number, 512)
    superset     = optional(number, 1024)
    metabase     = optional(number, 2048)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.memory_limits.clickhouse >= 1024
    error_message = "memory_limits.clickhouse: expected 1024 MiB or more, because a node uses 300 MiB when idle and loads would be killed."
  }

  validation {
    condition     = var.memory_limits.airflow >= 1024
    error_message = "memory_limits.airflow: expected 1024 MiB or more, because a worker with two tasks uses that."
  }

  validation {
    condition     = var.memory_limits.superset >= 512
    error_message = "memory_limits.superset: expected 512 MiB or more, because it uses 300 MiB when idle."
  }

  validation {
    condition     = var.memory_limits.metabase >= 1024
    error_message = "memory_limits.metabase: expected 1024 MiB or more, because its makers ask for 1 GiB at least."
  }

  validation {
    condition = alltrue([
      for component in ["keeper", "postgres", "redis", "storage", "kafka", "api", "prometheus", "alertmanager", "exporter"] : var.memory_limits[component] >= 128
    ])
    error_message = "memory_limits: expected 128 MiB or more for each, because with less they are killed when they start."
  }

  validation {
    condition     = var.memory_limits.grafana >= 256
    error_message = "memory_limits.grafana: expected 256 MiB or more, because with less Grafana is killed when it starts."
  }
}
