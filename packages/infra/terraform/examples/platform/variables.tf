# What infra:render writes into provehouse.auto.tfvars.json.

variable "name" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered files."
  type        = string
  nullable    = false
}

variable "dags_folder" {
  description = "Folder with the DAG files."
  type        = string
  nullable    = false
}

variable "data_folder" {
  description = "Folder in which containers leave reports and verdicts."
  type        = string
  default     = "data"
  nullable    = false
}

variable "node_folder" {
  description = "Folder with Node.js, which workers run the checks with."
  type        = string
  default     = null
}

variable "clickhouse_nodes" {
  description = "ClickHouse nodes."
  type        = list(any)
  nullable    = false
}

variable "keepers" {
  description = "Keepers."
  type        = list(any)
  nullable    = false
}

variable "storage_type" {
  description = "Where nodes keep their data."
  type        = string
  nullable    = false
}

variable "modules" {
  description = "What there is besides."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "postgres_consumers" {
  description = "Who gets a database besides Airflow."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "ports" {
  description = "Ports of this machine."
  type        = map(number)
  nullable    = false
}

variable "images" {
  description = "Images by what they serve."
  type        = map(string)
  default     = {}
  nullable    = false
}
