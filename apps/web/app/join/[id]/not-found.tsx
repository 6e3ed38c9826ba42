import { LeftOfStudy } from "../../../components/join/left-of-study";
import NotFound from "../../not-found";

export default function NoStudy() {
  return (
    <>
      <NotFound />
      <LeftOfStudy />
    </>
  );
}
