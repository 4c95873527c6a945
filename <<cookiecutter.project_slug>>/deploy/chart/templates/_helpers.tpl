{{/*
The name of the application, in labels.
*/}}
{{- define "<< cookiecutter.project_slug >>.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
The name of the release's objects: at most 63 characters, because a Service may have no more.
*/}}
{{- define "<< cookiecutter.project_slug >>.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
The same with a suffix, which is never cut off: include "..." (list . "suffix")
*/}}
{{- define "<< cookiecutter.project_slug >>.suffixedName" -}}
{{- $suffix := last . }}
{{- $name := include "<< cookiecutter.project_slug >>.fullname" (first .) }}
{{- printf "%s-%s" ($name | trunc (int (sub 62 (len $suffix))) | trimSuffix "-") $suffix }}
{{- end }}

{{/*
The labels by which the pods of the release are known. Each process has a component besides.
*/}}
{{- define "<< cookiecutter.project_slug >>.selectorLabels" -}}
app.kubernetes.io/name: {{ include "<< cookiecutter.project_slug >>.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/*
The labels of every object.
*/}}
{{- define "<< cookiecutter.project_slug >>.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "<< cookiecutter.project_slug >>.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/*
The service account of the pods.
*/}}
{{- define "<< cookiecutter.project_slug >>.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "<< cookiecutter.project_slug >>.fullname" .) }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/*
What all pods have in common.
*/}}
{{- define "<< cookiecutter.project_slug >>.pod" -}}
automountServiceAccountToken: false
# Variables for a Service named "app" would begin with APP_, like those of the settings.
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
What all containers have in common.
*/}}
{{- define "<< cookiecutter.project_slug >>.container" -}}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- if .Values.image.digest }}
image: {{ printf "%s@%s" .Values.image.repository .Values.image.digest | quote }}
{{- else }}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
{{- end }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
{{- end }}

{{/*
The environment of the service's processes, as far as it is the same for all of them.
*/}}
{{- define "<< cookiecutter.project_slug >>.env" -}}
<% if cookiecutter.__has_database_server %>
- name: APP_SECRETS_DIR
  value: /run/secrets/<< cookiecutter.project_slug >>
<% elif cookiecutter.database == 'sqlite' %>
- name: APP_DATABASE__URL
  value: sqlite:////data/<< cookiecutter.package_name >>.db
<% endif %>
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
What is mounted into them.
*/}}
{{- define "<< cookiecutter.project_slug >>.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
<% if cookiecutter.__has_database_server %>
- name: secrets
  mountPath: /run/secrets/<< cookiecutter.project_slug >>
  readOnly: true
<% elif cookiecutter.database == 'sqlite' %>
- name: data
  mountPath: /data
<% endif %>
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The volumes of these mounts.
*/}}
{{- define "<< cookiecutter.project_slug >>.volumes" -}}
# In memory: gunicorn's workers<% if cookiecutter.metrics %> count in files there, and<% endif %> show that they live by a file.
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: 64Mi
<% if cookiecutter.__has_database_server %>
# The name of a file is that of its setting.
- name: secrets
  secret:
    secretName: {{ required "database.existingSecret: name the Secret that has the URL of the database" .Values.database.existingSecret }}
    items:
      - key: {{ .Values.database.key }}
        path: database__url
<% elif cookiecutter.database == 'sqlite' %>
- name: data
  persistentVolumeClaim:
    claimName: {{ .Values.persistence.existingClaim | default (include "<< cookiecutter.project_slug >>.suffixedName" (list . "data")) }}
<% endif %>
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
