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

variable "image" {
  description = "Reference of Airflow's image, in which the API is a part of the project's package."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to the server."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit in MiB."
  type        = number
  nullable    = false
}
