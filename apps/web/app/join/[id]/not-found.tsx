import { NoStudy } from "../../../components/join/no-study";
import NotFound from "../../not-found";

export default function JoinNotFound() {
  return (
    <>
      <NotFound />
      <NoStudy />
    </>
  );
}
