{{/* Names, labels, and the pod that every role shares. */}}

{{- define "sheaf.name" -}}
{{- if contains "sheaf" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-sheaf" (.Release.Name | trunc 34 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "sheaf.labels" -}}
app.kubernetes.io/name: sheaf
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sheaf.allLabels" -}}
{{ include "sheaf.labels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "sheaf.s3Secret" -}}
{{- .Values.s3.existingSecret | default (printf "%s-s3" (include "sheaf.name" .)) }}
{{- end }}

{{/* The pod's spec. Takes root, role (as in sheaf.roles), values of the role, host that others reach the pod by, volume: whether it keeps one. */}}
{{- define "sheaf.pod" -}}
{{- $root := .root -}}
automountServiceAccountToken: false
# A service named sheaf-flight would set SHEAF_FLIGHT_PORT to a URL.
enableServiceLinks: false
terminationGracePeriodSeconds: 75
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "sheaf.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
containers:
  - name: {{ .role }}
    image: {{ printf "%s:%s" $root.Values.image.repository ($root.Values.image.tag | default $root.Chart.AppVersion) | quote }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    ports:
      - {name: http, containerPort: 31338}
      {{- if eq .role "compute" }}
      - {name: flight, containerPort: 31337}
      {{- end }}
      {{- if or (eq .role "safekeeper") (eq .role "pageserver") }}
      - {name: rpc, containerPort: 31339}
      {{- end }}
    env:
      - name: POD_NAME
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
      - name: POD_IP
        valueFrom: {fieldRef: {fieldPath: status.podIP}}
      - {name: SHEAF_NODE, value: $(POD_NAME)}
      # A folder of its own: the root of a volume may hold a lost+found.
      - {name: SHEAF_DATA, value: /var/lib/sheaf/data}
      - {name: SHEAF_ROLES, value: {{ .role }}}
      - {name: SHEAF_RPC_ADVERTISED_HOST, value: {{ .host }}}
      - {name: SHEAF_ETCD_ENDPOINTS, value: {{ required "etcd.endpoints must say where etcd is" (join "," $root.Values.etcd.endpoints) | quote }}}
      - {name: SHEAF_ETCD_NAMESPACE, value: {{ $root.Values.etcd.namespace | quote }}}
      - {name: SHEAF_S3_ENDPOINT, value: {{ required "s3.endpoint must say where objects are kept" $root.Values.s3.endpoint | quote }}}
      - {name: SHEAF_S3_REGION, value: {{ $root.Values.s3.region | quote }}}
      - {name: SHEAF_S3_BUCKET, value: {{ $root.Values.s3.bucket | quote }}}
      {{- with $root.Values.s3.prefix }}
      - {name: SHEAF_S3_PREFIX, value: {{ . | quote }}}
      {{- end }}
      - {name: SHEAF_S3_PATH_STYLE, value: {{ $root.Values.s3.pathStyle | quote }}}
      - name: SHEAF_S3_ACCESS_KEY
        valueFrom: {secretKeyRef: {name: {{ include "sheaf.s3Secret" $root }}, key: access-key}}
      - name: SHEAF_S3_SECRET_KEY
        valueFrom: {secretKeyRef: {name: {{ include "sheaf.s3Secret" $root }}, key: secret-key}}
      - {name: SHEAF_LOG_COPIES, value: {{ min 3 (int $root.Values.safekeepers.count) | quote }}}
      {{- if eq .role "compute" }}
      - {name: SHEAF_FLIGHT_ADVERTISED_HOST, value: {{ $root.Values.computes.advertisedHost | default (printf "%s-flight.%s.svc" (include "sheaf.name" $root) $root.Release.Namespace) }}}
      {{- with $root.Values.tls.flightSecret }}
      - {name: SHEAF_FLIGHT_TLS_CERTIFICATE, value: /etc/sheaf/flight/tls.crt}
      - {name: SHEAF_FLIGHT_TLS_KEY, value: /etc/sheaf/flight/tls.key}
      {{- end }}
      {{- end }}
      {{- with $root.Values.tls.clusterSecret }}
      - {name: SHEAF_RPC_TLS_CERTIFICATE, value: /etc/sheaf/cluster/tls.crt}
      - {name: SHEAF_RPC_TLS_KEY, value: /etc/sheaf/cluster/tls.key}
      - {name: SHEAF_RPC_TLS_AUTHORITY, value: /etc/sheaf/cluster/ca.crt}
      {{- end }}
      {{- range $name, $value := $root.Values.settings }}
      - {name: {{ printf "SHEAF_%s" ($name | replace "." "_" | replace "-" "_" | upper) }}, value: {{ $value | quote }}}
      {{- end }}
    startupProbe:
      httpGet: {path: /q/health/started, port: http}
      periodSeconds: 2
      failureThreshold: 60
    livenessProbe:
      httpGet: {path: /q/health/live, port: http}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: {path: /q/health/ready, port: http}
      periodSeconds: 3
      timeoutSeconds: 3
    resources: {{- toYaml .values.resources | nindent 6 }}
    volumeMounts:
      - {name: data, mountPath: /var/lib/sheaf}
      - {name: tmp, mountPath: /tmp}
      {{- if and (eq .role "compute") $root.Values.tls.flightSecret }}
      - {name: flight-tls, mountPath: /etc/sheaf/flight, readOnly: true}
      {{- end }}
      {{- if $root.Values.tls.clusterSecret }}
      - {name: cluster-tls, mountPath: /etc/sheaf/cluster, readOnly: true}
      {{- end }}
volumes:
  - {name: tmp, emptyDir: {}}
  {{- if not .volume }}
  - {name: data, emptyDir: {}}
  {{- end }}
  {{- if eq .role "compute" }}
  {{- with $root.Values.tls.flightSecret }}
  - name: flight-tls
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
  {{- end }}
  {{- with $root.Values.tls.clusterSecret }}
  - name: cluster-tls
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
{{- end }}

{{/* A role whose pods keep their names and volumes: its headless service, its set, its budget of disruptions. */}}
{{- define "sheaf.stored" -}}
{{- $name := printf "%s-%s" (include "sheaf.name" .root) .role -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "sheaf.allLabels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  clusterIP: None
  # The others find a pod that is not ready yet, too: readiness may depend on them.
  publishNotReadyAddresses: true
  selector: {{- include "sheaf.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
  ports:
    - {name: rpc, port: 31339, targetPort: rpc}
    - {name: http, port: 31338, targetPort: http}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels: {{- include "sheaf.allLabels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  serviceName: {{ $name }}
  replicas: {{ .values.count }}
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate}
  selector:
    matchLabels: {{- include "sheaf.labels" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
  template:
    metadata:
      labels: {{- include "sheaf.allLabels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
      {{- with .root.Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec: {{- include "sheaf.pod" (dict "root" .root "role" .role "values" .values "volume" true "host" (printf "$(POD_NAME).%s.%s.svc" $name .root.Release.Namespace)) | nindent 6 }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .values.volume.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ .values.volume.size }}}}
---
{{ include "sheaf.budget" . }}
{{- end }}

{{/* At most one pod of a role at a time is taken away by upkeep of the machines. */}}
{{- define "sheaf.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "sheaf.name" .root }}-{{ .role }}
  labels: {{- include "sheaf.allLabels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "sheaf.labels" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
{{- end }}

{{/* A role whose pods are all alike: its deployment and its budget of disruptions. */}}
{{- define "sheaf.stateless" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "sheaf.name" .root }}-{{ .role }}
  labels: {{- include "sheaf.allLabels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  replicas: {{ .values.count }}
  selector:
    matchLabels: {{- include "sheaf.labels" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
  template:
    metadata:
      labels: {{- include "sheaf.allLabels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
      {{- with .root.Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec: {{- include "sheaf.pod" (dict "root" .root "role" .role "values" .values "volume" false "host" "$(POD_IP)") | nindent 6 }}
---
{{ include "sheaf.budget" . }}
{{- end }}
