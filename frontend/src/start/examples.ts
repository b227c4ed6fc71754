/** Prompts that teach what a description may say. */
export const EXAMPLES: readonly { title: string; text: string }[] = [
  { title: "Chat application", text: "A real-time chat application: mobile and web clients, an API gateway, a websocket gateway, a chat service, a message store, Redis for presence, Kafka for fan-out and a notification worker" },
  { title: "Online shop", text: "An online shop with a React storefront, an API gateway, order, payment, inventory and user services, a separate PostgreSQL database per service, Redis for sessions, RabbitMQ between the services and Stripe for payments, all in a VPC" },
  { title: "Just a name", text: "Design a URL shortener" },
  { title: "RAG assistant", text: "A question answering assistant over company documents: upload to S3, a chunking worker, embeddings into pgvector, a retriever, Claude for answers, a web chat and feedback storage" },
  { title: "IoT pipeline", text: "Sensors publish over MQTT to AWS IoT Core. A rule sends readings to Kinesis; a stream processor writes to TimescaleDB and raises alerts through SNS. Grafana shows dashboards." },
  { title: "CI/CD on Kubernetes", text: "GitHub Actions builds images and pushes them to ECR; Argo CD deploys them to a Kubernetes cluster with an ingress controller, three microservices and Prometheus monitoring" },
];
