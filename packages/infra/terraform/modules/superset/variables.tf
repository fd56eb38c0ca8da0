variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "running" {
  description = "Whether there are containers and a network; the volume is kept in any case."
  type        = bool
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered configuration of this platform."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Reference of an image with Superset, gevent, and what it talks to PostgreSQL and ClickHouse with."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to the server."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit of the server, and of the job before it, in MiB."
  type        = number
  nullable    = false
}

variable "networks" {
  description = "Networks of what Superset uses: its database and the ClickHouse nodes."
  type        = list(string)
  nullable    = false
}

variable "accounts_job" {
  description = "Id of the job that has made Superset's database."
  type        = string
  default     = null
}
