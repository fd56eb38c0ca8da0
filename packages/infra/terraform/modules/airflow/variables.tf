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

variable "dags_folder" {
  description = "Folder of the DAG files on this machine, which containers may read."
  type        = string
  nullable    = false
}

variable "workers" {
  description = "How many Celery workers there are."
  type        = number
  nullable    = false
}

variable "image" {
  description = "Reference of the image."
  type        = string
  nullable    = false
}

variable "ports" {
  description = "Ports of this machine that lead to the api-server and to Flower."
  type        = object({ airflow = number, flower = number })
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit of each component in MiB."
  type        = number
  nullable    = false
}

variable "networks" {
  description = "Networks of what Airflow uses: its database, its broker and the ClickHouse nodes."
  type        = list(string)
  nullable    = false
}

variable "accounts_job" {
  description = "Id of the job that has made Airflow's database."
  type        = string
  default     = null
}

variable "metrics_exporter" {
  description = "Id of the container that the components send their metrics to, at the address that it has when they start; null without."
  type        = string
  default     = null
}

variable "quality_report" {
  description = "Folders of this machine that workers need for the DAG `quality_report`: one with Node.js for Linux, one for its reports, and one for its verdicts where something serves them. Null without: then the DAG is skipped."
  type        = object({ node = string, reports = string, verdicts = optional(string) })
  default     = null
}
