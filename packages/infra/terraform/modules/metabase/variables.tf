variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "running" {
  description = "Whether there are a container and a network; what Metabase keeps is in PostgreSQL."
  type        = bool
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered configuration of this platform."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Reference of an image of Metabase 0.57 or later."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to the server."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit of the server in MiB, of which its Java takes six tenths for objects."
  type        = number
  nullable    = false
}

variable "networks" {
  description = "Networks of what Metabase uses: its database and the ClickHouse nodes."
  type        = list(string)
  nullable    = false
}

variable "accounts_job" {
  description = "Id of the job that has made Metabase's database."
  type        = string
  default     = null
}
