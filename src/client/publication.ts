/**
 * A stream that is published: media to write.
 *
 * @module
 */
import type {
  ClientSession,
  ClientStream,
  ServerRefusal,
  ServerStatus,
} from "../core/rtmp/session/client/mod.ts";
import { ClosedError, RefusedError } from "./errors.ts";
import type { Link } from "./link.ts";
import { type MediaMessage, sizeOf, typeOf } from "./media_message.ts";
import { DEFAULT_QUEUE_BYTES, type PublishOptions } from "./options.ts";
import type { Request } from "./request.ts";
import type { StreamUse } from "./stream_use.ts";

/** What a publication needs of its client. */
export interface PublicationOwner {
  readonly session: ClientSession;
  readonly link: Link;
}

/** One publish of a client, from the request to its end. */
export class PublishUse implements StreamUse {
  readonly #owner: PublicationOwner;
  readonly #stream: ClientStream;
  readonly #name: string;
  readonly #options: PublishOptions;
  readonly #request: Request<WritableStream<MediaMessage>>;
  #controller: WritableStreamDefaultController | undefined;

  constructor(
    owner: PublicationOwner,
    stream: ClientStream,
    name: string,
    options: PublishOptions,
    request: Request<WritableStream<MediaMessage>>,
  ) {
    this.#owner = owner;
    this.#stream = stream;
    this.#name = name;
    this.#options = options;
    this.#request = request;
  }

  onCreated(): void {
    this.#owner.session.publish(this.#stream, this.#name, this.#options.type);
  }

  onStarted(): void {
    const { session, link } = this.#owner;
    const stream = this.#stream;
    const unpublish = () => link.sendMedia(() => session.deleteStream(stream));
    this.#request.succeed(
      new WritableStream<MediaMessage>({
        start: (controller) => void (this.#controller = controller),
        write: ({ kind, timestamp, payload }) => {
          const type = typeOf(kind);
          return link.sendMedia(() => session.sendMedia(stream, type, timestamp, payload));
        },
        close: unpublish,
        abort: () => void unpublish(),
      }, {
        highWaterMark: this.#options.queueBytes ?? DEFAULT_QUEUE_BYTES,
        size: (message) => sizeOf(message!),
      }),
    );
  }

  onRefused(refusal: ServerRefusal): void {
    this.#request.fail(new RefusedError("publish", refusal));
    this.#owner.session.deleteStream(this.#stream);
  }

  onMedia(): void {}

  onEnded({ code }: ServerStatus): void {
    const why = `The server ended the publication${code && `: ${code.slice(0, 100)}`}`;
    this.#controller?.error(new ClosedError(why, code));
    this.#owner.session.deleteStream(this.#stream);
  }

  onLost(error: Error = new ClosedError("The client was closed")): void {
    this.#request.fail(error);
    this.#controller?.error(error);
  }
}
