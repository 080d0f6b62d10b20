/// <reference lib="dom" />
/**
 * Reads codes with the camera. Pictures never leave the page. The decoder is that of
 * the browser (`BarcodeDetector`), if it has one. Otherwise it is ZXing in WebAssembly,
 * which is loaded when the camera is first used.
 *
 * @module
 */

/** Why a camera does not work. */
export type CameraFault = "denied" | "missing" | "fails";

/** A running camera. */
export interface Camera {
  stop(): void;
}

/** Finds the texts of the QR codes and barcodes in a picture. */
type Decode = (source: HTMLVideoElement) => Promise<readonly string[]>;

/** The part of the Shape Detection API that is used. */
interface BarcodeDetector {
  detect(source: HTMLVideoElement): Promise<{ readonly rawValue: string }[]>;
}

interface BarcodeDetectorClass {
  new (options: { formats: string[] }): BarcodeDetector;
  getSupportedFormats(): Promise<string[]>;
}

const FORMATS = ["qr_code", "code_128"];

/** The longer side of the picture that is decoded, pixels. */
const DECODED_WIDTH = 1_280;

/** The pause between two pictures. A decoder needs 5 to 25 ms for one. */
const REST_MS = 60;

let decoder: Promise<Decode> | undefined;

async function loadDecoder(): Promise<Decode> {
  const Native =
    (globalThis as { BarcodeDetector?: BarcodeDetectorClass }).BarcodeDetector;
  const formats = await Native?.getSupportedFormats().catch(() => []) ?? [];
  if (Native !== undefined && FORMATS.every((it) => formats.includes(it))) {
    const detector = new Native({ formats: FORMATS });
    return async (video) =>
      (await detector.detect(video)).map((it) => it.rawValue);
  }
  const { loadZxing } = await import("./zxing.ts");
  const read = await loadZxing();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  return (video) => {
    const { videoWidth, videoHeight } = video;
    const scale = Math.min(
      1,
      DECODED_WIDTH / Math.max(videoWidth, videoHeight),
    );
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return read(context.getImageData(0, 0, canvas.width, canvas.height));
  };
}

/**
 * Loads the decoder in advance if there is a camera. A till may stay open for days, and
 * after an update of the edge the old files cannot be loaded any more.
 */
export async function warmCamera(): Promise<void> {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (devices.some(({ kind }) => kind === "videoinput")) {
      await (decoder ??= loadDecoder());
    }
  } catch {
    // The decoder is loaded again when the camera is used.
    decoder = undefined;
  }
}

function faultOf(error: unknown): CameraFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError"
    ? "missing"
    : "fails";
}

/**
 * Starts the camera and shows its picture in `video`. Calls `onText` with every text
 * that it reads, repeatedly while the code is in view.
 *
 * @return The camera, or why there is none.
 */
export async function startCamera(
  video: HTMLVideoElement,
  onText: (text: string) => void,
): Promise<Camera | CameraFault> {
  // A page that did not come by HTTPS has no cameras at all.
  if (navigator.mediaDevices === undefined) return "missing";
  let stream: MediaStream | undefined;
  let decode: Decode;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        facingMode: "environment",
        width: { ideal: DECODED_WIDTH },
        height: { ideal: 720 },
      },
    });
    video.srcObject = stream;
    await video.play();
    decode = await (decoder ??= loadDecoder());
  } catch (error) {
    decoder = undefined;
    stream?.getTracks().forEach((it) => it.stop());
    return faultOf(error);
  }
  let isOn = true;
  const look = async (): Promise<void> => {
    if (!isOn) return;
    if (video.videoWidth > 0) {
      // A picture that cannot be decoded is skipped.
      for (const text of await decode(video).catch(() => [])) {
        if (isOn) onText(text);
      }
    }
    if (isOn) setTimeout(look, REST_MS);
  };
  look();
  return {
    stop() {
      isOn = false;
      stream.getTracks().forEach((it) => it.stop());
      video.srcObject = null;
    },
  };
}
