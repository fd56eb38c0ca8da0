variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "running" {
  description = "Whether there are containers and a network; the volumes are kept in any case."
  type        = bool
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered configuration of this platform."
  type        = string
  nullable    = false
}

variable "scrapes_flower" {
  description = "Whether Flower is one of the targets, whose password Prometheus then needs."
  type        = bool
  nullable    = false
}

variable "image" {
  description = "Reference of the image."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to Prometheus."
  type        = number
  nullable    = false
}

variable "networks" {
  description = "Networks of the targets, which Prometheus joins."
  type        = list(string)
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit in MiB."
  type        = number
  nullable    = false
}

variable "postgres" {
  description = "Airflow's database, of which an exporter says how it is: image of the server, its network, the volume with its socket, and the job that has migrated it; null without Airflow."
  type = object({
    image       = string
    network     = string
    socket      = string
    migrate_job = string
  })
  default = null
}

variable "postgres_exporter_image" {
  description = "Reference of the image of PostgreSQL's exporter; not needed without `postgres`."
  type        = string
  default     = null

  validation {
    condition     = var.postgres == null || var.postgres_exporter_image != null
    error_message = "postgres_exporter_image: expected an image, because a database is given that it is to ask (postgres)."
  }
}

variable "redis" {
  description = "Airflow's broker, of which an exporter says how it is: its network; null without Airflow."
  type        = object({ network = string })
  default     = null
}

variable "redis_exporter_image" {
  description = "Reference of the image of Valkey's exporter; not needed without `redis`."
  type        = string
  default     = null

  validation {
    condition     = var.redis == null || var.redis_exporter_image != null
    error_message = "redis_exporter_image: expected an image, because a broker is given that it is to ask (redis)."
  }
}

variable "airflow" {
  description = "Airflow, which sends its metrics to an exporter: its network; null where it sends none."
  type        = object({ network = string })
  default     = null
}

variable "statsd_exporter_image" {
  description = "Reference of the image of the StatsD exporter; not needed without `airflow`."
  type        = string
  default     = null

  validation {
    condition     = var.airflow == null || var.statsd_exporter_image != null
    error_message = "statsd_exporter_image: expected an image, because an Airflow is given whose metrics it is to take (airflow)."
  }
}

variable "verdict_exporter_image" {
  description = "Reference of the image of the exporter that serves verdicts."
  type        = string
  nullable    = false
}

variable "verdicts_folder" {
  description = "Folder of this machine in which what verifies on a schedule leaves its verdicts."
  type        = string
  nullable    = false
}

variable "exporter_memory_mib" {
  description = "Memory limit of each exporter in MiB."
  type        = number
  default     = 128
  nullable    = false
}

variable "alertmanager_image" {
  description = "Reference of Alertmanager's image."
  type        = string
  nullable    = false
}

variable "alertmanager_port" {
  description = "Port of this machine that leads to Alertmanager."
  type        = number
  nullable    = false

  validation {
    condition     = var.alertmanager_port != var.port
    error_message = "alertmanager_port: expected another port than Prometheus' (port), because two containers cannot be published on the same one."
  }
}

variable "alertmanager_memory_mib" {
  description = "Memory limit of Alertmanager in MiB."
  type        = number
  nullable    = false
}

variable "after" {
  description = "Ids of the containers that have to be healthy before Alertmanager is started: what is still starting is no message to anybody."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "grafana" {
  description = "Whether there is Grafana, too; its volume is kept in any case."
  type        = bool
  nullable    = false
}

variable "grafana_image" {
  description = "Reference of Grafana's image."
  type        = string
  nullable    = false
}

variable "grafana_port" {
  description = "Port of this machine that leads to Grafana."
  type        = number
  nullable    = false

  validation {
    condition     = !contains([var.port, var.alertmanager_port], var.grafana_port)
    error_message = "grafana_port: expected another port than Prometheus' (port) and Alertmanager's (alertmanager_port), because two containers cannot be published on the same one."
  }
}

variable "grafana_memory_mib" {
  description = "Memory limit of Grafana in MiB."
  type        = number
  nullable    = false
}
