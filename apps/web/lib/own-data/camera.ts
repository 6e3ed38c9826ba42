/** Longer side of what is asked of a camera, and of a picture that is taken, in pixels. */
const [asked, side] = [640, 256];

/** Throws as `getUserMedia` does, and where there is none. */
export async function openCamera(devices: MediaDevices | undefined): Promise<MediaStream> {
  if (!devices) throw new DOMException("no access to cameras", "NotSupportedError");
  const video = { facingMode: "environment", width: { ideal: asked } };
  return devices.getUserMedia({ video, audio: false });
}

const reasons: Readonly<Record<string, string>> = {
  NotAllowedError:
    "The camera is not allowed for this page. Allow it in the browser's settings of this site, then open the camera again.",
  NotFoundError: "There is no camera on this device. Bring files instead.",
  NotReadableError: "Another program uses the camera. Close it there, then open it here again.",
  NotSupportedError:
    "This page gets no camera: open it over https or as localhost, in a browser that has one.",
};

/** Why there is no picture, and the way out. */
export function noCamera(error: unknown): string {
  const { name, message } = error as DOMException;
  return reasons[name] ?? `The camera cannot be opened (${message}). Bring files instead.`;
}

/** The middle square of what is seen, as a PNG. */
export async function pictureOf(video: HTMLVideoElement): Promise<Blob> {
  const { videoWidth, videoHeight } = video;
  const whole = Math.min(videoWidth, videoHeight);
  const canvas = new OffscreenCanvas(side, side);
  canvas
    .getContext("2d")
    ?.drawImage(
      video,
      (videoWidth - whole) / 2,
      (videoHeight - whole) / 2,
      whole,
      whole,
      0,
      0,
      side,
      side,
    );
  return canvas.convertToBlob({ type: "image/png" });
}
