/** What one service tells or asks another: CloudEvents 1.0, as structured JSON. */

export const CONTENT_TYPE = 'application/cloudevents+json';

export interface Message<Data = unknown> {
  readonly specversion: '1.0';
  /** A UUID: by it the receiver knows a message that comes again. */
  readonly id: string;
  /** The service that sent it. */
  readonly source: string;
  /** `shop.<source>.<Name>.v<version>`, as in contracts/<source>/<Name>.v<version>.json. */
  readonly type: string;
  /** What it is about, such as an order's id. */
  readonly subject: string;
  readonly time: string;
  readonly traceparent: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
}

/** A message that is not written yet. */
export interface Draft {
  /** The service that it goes to. */
  readonly to: string;
  readonly type: string;
  readonly subject: string;
  readonly data: object;
}
