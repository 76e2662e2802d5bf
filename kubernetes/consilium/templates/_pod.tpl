{{/* The pod of a role. Takes (dict "root" $ "role" "learner" "stateful" true). */}}
{{- define "consilium.pod" -}}
{{- $ := .root }}
{{- $role := .role }}
{{- $of := index $.Values.roles $role }}
{{- $fetches := include "consilium.fetches" $ }}
{{- $sidecar := and (eq $role "rollout") $.Values.vllm.enabled }}
metadata:
  labels:
    {{- include "consilium.labels" $ | nindent 4 }}
    app.kubernetes.io/component: {{ $role }}
  annotations:
    # A changed configuration starts the role anew, and its manifest says whether that is the same run.
    checksum/config: {{ toYaml $.Values.config | sha256sum }}
spec:
  automountServiceAccountToken: false
  # Kubernetes would set CONSILIUM_MONITOR_PORT and the like for services of a release of that name: unknown keys to the program.
  enableServiceLinks: false
  terminationGracePeriodSeconds: 60
  securityContext: {{- include "consilium.podSecurity" $ | nindent 4 }}
  {{- with $.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $sidecar (regexMatch "^(https?|s3):" ($.Values.config.model | default "")) }}
  # The server is given a directory; the worker finds the same files there, fetched.
  initContainers:
    - name: model
      image: "{{ $.Values.image.repository }}:{{ $.Values.image.tag | default $.Chart.AppVersion }}"
      imagePullPolicy: {{ $.Values.image.pullPolicy }}
      args: [data, fetch, {{ $.Values.config.model | quote }}, --link, /cache/model, --config, /etc/consilium/consilium.yaml]
      env:
        - name: CONSILIUM_CACHE__DIR
          value: /cache
        {{- range $name, $from := index $.Values.secretEnv $role }}
        - name: {{ $name }}
          valueFrom: {secretKeyRef: {name: {{ $from.name }}, key: {{ $from.key }}}}
        {{- end }}
      securityContext: {{- include "consilium.containerSecurity" $ | nindent 8 }}
      resources: {{- include "consilium.resources" (dict "resources" $of.resources "gpus" 0) | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /etc/consilium, readOnly: true}
        - {name: cache, mountPath: /cache}
        - {name: scratch, mountPath: /tmp, subPath: tmp}
        - {name: scratch, mountPath: /home/consilium, subPath: home}
  {{- end }}
  containers:
    - name: {{ $role }}
      image: "{{ $.Values.image.repository }}:{{ $.Values.image.tag | default $.Chart.AppVersion }}"
      imagePullPolicy: {{ $.Values.image.pullPolicy }}
      args: [run, {{ $role }}, --config, /etc/consilium/consilium.yaml, --run-dir, /runs/{{ $role }}, --resume]
      env:
        - name: CONSILIUM_INSTANCE
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: CONSILIUM_RUN_ID
          value: {{ $.Values.runId | quote }}
        - name: CONSILIUM_KAFKA__BOOTSTRAP__SERVERS
          value: {{ include "consilium.bootstrap" $ | quote }}
        - name: CONSILIUM_KAFKA__SECURITY__PROTOCOL
          value: {{ include "consilium.protocol" $ }}
        {{- if $.Values.kafka.tls }}
        - name: CONSILIUM_KAFKA__SSL__TRUSTSTORE__TYPE
          value: PEM
        - name: CONSILIUM_KAFKA__SSL__TRUSTSTORE__LOCATION
          value: /etc/kafka-ca/ca.crt
        {{- end }}
        {{- if $.Values.kafka.scram }}
        - name: CONSILIUM_KAFKA__SASL__MECHANISM
          value: SCRAM-SHA-512
        - name: CONSILIUM_KAFKA__SASL__JAAS__CONFIG
          valueFrom: {secretKeyRef: {name: {{ $.Values.runId }}-{{ $role }}, key: sasl.jaas.config}}
        {{- end }}
        - name: CONSILIUM_SCHEMA_REGISTRY__URL
          value: {{ include "consilium.registryUrl" $ | quote }}
        - name: CONSILIUM_HEALTH__HOST
          value: 0.0.0.0
        - name: CONSILIUM_HEALTH__PORT
          value: {{ $.Values.healthPort | quote }}
        - name: CONSILIUM_HEALTH__TOKEN_FILE
          value: /etc/tokens/metrics
        {{- if eq $role "monitor" }}
        - name: CONSILIUM_MONITOR__HOST
          value: 0.0.0.0
        - name: CONSILIUM_MONITOR__PORT
          value: {{ $.Values.monitor.port | quote }}
        - name: CONSILIUM_MONITOR__TOKEN_FILE
          value: /etc/tokens/monitor
        {{- end }}
        {{- if $sidecar }}
        - name: CONSILIUM_ROLLOUT__ENGINE
          value: vllm
        - name: CONSILIUM_ROLLOUT__VLLM__URLS
          value: "[http://127.0.0.1:{{ $.Values.vllm.port }}]"
        - name: CONSILIUM_ROLLOUT__VLLM__ADAPTER_DIR
          value: /adapters
        {{- end }}
        {{- if $fetches }}
        - name: CONSILIUM_CACHE__DIR
          value: /cache
        {{- end }}
        {{- range $name, $from := index $.Values.secretEnv $role }}
        - name: {{ $name }}
          valueFrom: {secretKeyRef: {name: {{ $from.name }}, key: {{ $from.key }}}}
        {{- end }}
      ports:
        - {name: health, containerPort: {{ $.Values.healthPort }}}
        {{- if eq $role "monitor" }}
        - {name: page, containerPort: {{ $.Values.monitor.port }}}
        {{- end }}
      # Before it listens a role reads and hashes its model and cases: minutes for a large model.
      startupProbe:
        httpGet: {path: /livez, port: health}
        periodSeconds: 5
        failureThreshold: 240
      livenessProbe:
        httpGet: {path: /livez, port: health}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: health}
        periodSeconds: 10
        timeoutSeconds: 5
      securityContext: {{- include "consilium.containerSecurity" $ | nindent 8 }}
      resources: {{- include "consilium.resources" (dict "resources" $of.resources "gpus" ($of.gpus | default 0)) | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /etc/consilium, readOnly: true}
        - {name: tokens, mountPath: /etc/tokens, readOnly: true}
        - {name: runs, mountPath: /runs}
        {{- if $.Values.data.claim }}
        - {name: data, mountPath: /data, readOnly: true}
        {{- end }}
        {{- if $fetches }}
        - {name: cache, mountPath: /cache}
        {{- end }}
        - {name: scratch, mountPath: /tmp, subPath: tmp}
        - {name: scratch, mountPath: /home/consilium, subPath: home}
        {{- if $.Values.models.claim }}
        - {name: models, mountPath: /models, readOnly: true}
        {{- end }}
        {{- if $.Values.kafka.tls }}
        - {name: kafka-ca, mountPath: /etc/kafka-ca, readOnly: true}
        {{- end }}
        {{- if $sidecar }}
        - {name: adapters, mountPath: /adapters}
        {{- end }}
    {{- if $sidecar }}
    {{- include "consilium.vllm" $ | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      configMap: {name: {{ $.Release.Name }}-config}
    - name: tokens
      secret:
        secretName: {{ $.Values.tokenSecret }}
        defaultMode: 0440
        items:
          - {key: metrics, path: metrics}
          {{- if eq $role "monitor" }}
          - {key: monitor, path: monitor}
          {{- end }}
    {{- if $.Values.data.claim }}
    - name: data
      persistentVolumeClaim: {claimName: {{ $.Values.data.claim }}, readOnly: true}
    {{- end }}
    {{- if $fetches }}
    - name: cache
      emptyDir: {sizeLimit: {{ $.Values.cache }}}
    {{- end }}
    - name: scratch
      emptyDir: {sizeLimit: {{ $.Values.scratch }}}
    {{- if $.Values.models.claim }}
    - name: models
      persistentVolumeClaim: {claimName: {{ $.Values.models.claim }}, readOnly: true}
    {{- end }}
    {{- if $.Values.kafka.tls }}
    - name: kafka-ca
      secret: {secretName: {{ include "consilium.caSecret" $ }}, items: [{key: ca.crt, path: ca.crt}]}
    {{- end }}
    {{- if not .stateful }}
    - name: runs
      emptyDir: {}
    {{- end }}
    {{- if $sidecar }}
    - name: adapters
      emptyDir: {}
    - name: vllm-scratch
      emptyDir: {}
    - name: shm
      emptyDir: {medium: Memory, sizeLimit: 4Gi}
    {{- end }}
{{- end }}

{{- define "consilium.resources" -}}
{{- $resources := deepCopy .resources }}
{{- if .gpus }}
{{- $resources = mergeOverwrite $resources (dict "limits" (mergeOverwrite ($resources.limits | default dict) (dict "nvidia.com/gpu" .gpus))) }}
{{- end }}
{{- toYaml $resources }}
{{- end }}

{{/* The server that samples for the worker beside it; only that worker reaches it. */}}
{{- define "consilium.vllm" -}}
- name: vllm
  image: {{ .Values.vllm.image }}
  args:
    - --model={{ .Values.vllm.model }}
    - --host=127.0.0.1
    - --port={{ .Values.vllm.port }}
    - --logprobs-mode=processed_logprobs
    - --enable-lora
    - --max-lora-rank={{ .Values.vllm.loraRank }}
    - --max-loras={{ .Values.vllm.loras }}
    - --max-cpu-loras={{ .Values.vllm.loras }}
    {{- range .Values.vllm.args }}
    - {{ . | quote }}
    {{- end }}
  env:
    - {name: VLLM_ALLOW_RUNTIME_LORA_UPDATING, value: "True"}
    - {name: VLLM_NO_USAGE_STATS, value: "1"}
    - {name: VLLM_CACHE_ROOT, value: /scratch/vllm}
    # The pod's user is none of the image's.
    - {name: HOME, value: /scratch}
    - {name: USER, value: vllm}
  # Not read-only: the image compiles kernels where it likes.
  securityContext:
    allowPrivilegeEscalation: false
    capabilities: {drop: [ALL]}
  startupProbe:
    exec:
      command:
        - python3
        - -c
        - import urllib.request; urllib.request.urlopen("http://127.0.0.1:{{ .Values.vllm.port }}/health", timeout=5)
    timeoutSeconds: 10
    periodSeconds: 10
    failureThreshold: 180
  resources: {{- include "consilium.resources" (dict "resources" .Values.vllm.resources "gpus" .Values.vllm.gpus) | nindent 4 }}
  volumeMounts:
    - {name: adapters, mountPath: /adapters, readOnly: true}
    - {name: vllm-scratch, mountPath: /scratch}
    - {name: shm, mountPath: /dev/shm}
    {{- if include "consilium.fetches" . }}
    - {name: cache, mountPath: /cache, readOnly: true}
    {{- end }}
    {{- if .Values.models.claim }}
    - {name: models, mountPath: /models, readOnly: true}
    {{- end }}
{{- end }}
