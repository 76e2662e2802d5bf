{{- define "consilium.labels" -}}
app.kubernetes.io/name: consilium
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "consilium.selector" -}}
app.kubernetes.io/name: consilium
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "consilium.bootstrap" -}}
{{- if .Values.kafka.bootstrapServers -}}
{{ .Values.kafka.bootstrapServers }}
{{- else -}}
{{ .Values.strimzi.cluster }}-kafka-bootstrap:9093
{{- end }}
{{- end }}

{{- define "consilium.protocol" -}}
{{ ternary "SASL_" "" .Values.kafka.scram }}{{ ternary "SSL" "PLAINTEXT" .Values.kafka.tls }}
{{- end }}

{{- define "consilium.caSecret" -}}
{{ .Values.kafka.caSecret | default (printf "%s-cluster-ca-cert" .Values.strimzi.cluster) }}
{{- end }}

{{- define "consilium.registryUrl" -}}
{{- if .Values.schemaRegistry.create -}}
http://{{ .Release.Name }}-schema-registry:8081
{{- else -}}
{{ required "schemaRegistry.url: name the registry, or set schemaRegistry.create" .Values.schemaRegistry.url }}
{{- end }}
{{- end }}

{{/* Whether the model or the cases are fetched from an address; else empty. */}}
{{- define "consilium.fetches" -}}
{{- range $place := list .Values.config.model .Values.config.data_root -}}
{{- if regexMatch "^(https?|s3):" ($place | default "") -}}yes{{- end -}}
{{- end -}}
{{- end }}

{{/* Nothing in a container of ours is written but volumes, and nobody is root. */}}
{{- define "consilium.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "consilium.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
